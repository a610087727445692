import { useEffect, useRef, useState } from 'react';

/** Milliseconds between two looks. */
const every = 1000;

/**
 * Calls `look` now and again while the page is open and seen, one call at a time; a page that was
 * hidden looks at once when it is shown again.
 * @returns whether the last look reached the city
 */
export function useLive(look: () => Promise<void>, enabled = true): boolean {
  const latest = useRef(look);
  latest.current = look;
  const [reached, setReached] = useState(true);
  useEffect(() => {
    if (!enabled) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async () => {
      clearTimeout(timer);
      const ok = await latest.current().then(
        () => true,
        () => false,
      );
      if (over) return;
      setReached(ok);
      if (document.visibilityState === 'visible') timer = setTimeout(() => void round(), every);
    };
    const shown = () => {
      if (document.visibilityState === 'visible') void round();
    };
    void round();
    document.addEventListener('visibilitychange', shown);
    addEventListener('online', shown);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
      removeEventListener('online', shown);
    };
  }, [enabled]);
  return reached;
}
