import { useEffect, useRef } from 'react';
import type { Trouble } from '../shared/problems.tsx';

/** Reads again, once the network is back, what could not be read without it. */
export function useWhenBack(trouble: Trouble | null, again: () => void): void {
  const latest = useRef(again);
  latest.current = again;
  const away = trouble?.code === 'offline';
  useEffect(() => {
    if (!away) return undefined;
    const back = () => {
      latest.current();
    };
    addEventListener('online', back);
    return () => {
      removeEventListener('online', back);
    };
  }, [away]);
}
