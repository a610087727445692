import { useEffect, useRef } from 'react';

const events = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;

/** Calls back when nobody has touched keyboard, mouse or screen for so many milliseconds. */
export function useIdle(after: number, onIdle: () => void): void {
  const latest = useRef(onIdle);
  latest.current = onIdle;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        latest.current();
      }, after);
    };
    touched();
    for (const event of events) addEventListener(event, touched, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const event of events) removeEventListener(event, touched);
    };
  }, [after]);
}
