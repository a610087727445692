import { useEffect, useRef } from 'react';

/** Milliseconds in the background after which what was shown is cleared. */
const longest = 300_000;

/** Calls `then` once the page was hidden for five minutes, at the latest when it is seen again. */
export function useHiddenLong(then: () => void): void {
  const latest = useRef(then);
  latest.current = then;
  useEffect(() => {
    let since = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = () => {
      since = 0;
      clearTimeout(timer);
      latest.current();
    };
    const changed = () => {
      if (document.visibilityState === 'hidden') {
        since = Date.now();
        timer = setTimeout(over, longest);
        return;
      }
      clearTimeout(timer);
      // Timers sleep with the phone.
      if (since > 0 && Date.now() - since >= longest) over();
      since = 0;
    };
    document.addEventListener('visibilitychange', changed);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
}
