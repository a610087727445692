import { useCallback, useEffect, useRef, useState } from 'react';

const lockName = 'window-page';

/**
 * One page of a browser works as the window: two would show one holder two displays, and use one
 * yes twice.
 * @returns whether it is this one, null while that is asked; and what makes it this one
 */
export function useOnlyPage(): {
  readonly mine: boolean | null;
  readonly take: () => void;
} {
  const [mine, setMine] = useState<boolean | null>(null);
  const letGo = useRef<() => void>(() => undefined);
  const ask = useCallback((options: LockOptions) => {
    navigator.locks
      .request(lockName, options, (lock) => {
        setMine(lock !== null);
        if (lock === null) return undefined;
        return new Promise<void>((resolve) => {
          letGo.current = resolve;
        });
      })
      .catch(() => {
        // Another page took the lock.
        setMine(false);
      });
  }, []);
  useEffect(() => {
    ask({ ifAvailable: true });
    return () => {
      letGo.current();
    };
  }, [ask]);
  const take = useCallback(() => {
    ask({ steal: true });
  }, [ask]);
  return { mine, take };
}
