import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { answerSeconds, type Happening, idleSeconds, next, start, type Visit } from './visit.ts';

const touches = ['keydown', 'pointerdown', 'wheel', 'touchstart'] as const;

interface CurrentVisit {
  readonly visit: Visit;
  readonly tell: (happening: Happening) => void;
  /** Seconds until the screen is wiped, while the kiosk asks; null while it does not. */
  readonly wipedIn: number | null;
}

/**
 * The visit at this kiosk. Where nobody touches anything it asks, and then wipes the screen; never
 * between the yes and the page.
 */
export function useVisit(first: Visit = start): CurrentVisit {
  const [visit, tell] = useReducer(next, first);
  const [wipedIn, setWipedIn] = useState<number | null>(null);
  const touched = useRef(Date.now());
  const idle = idleSeconds(visit);

  const restart = useCallback(() => {
    touched.current = Date.now();
    setWipedIn(null);
  }, []);
  useEffect(() => {
    for (const event of touches) addEventListener(event, restart, { passive: true });
    return () => {
      for (const event of touches) removeEventListener(event, restart);
    };
  }, [restart]);
  // A new state is read anew; so is what an answer from elsewhere changed.
  useEffect(restart, [visit, restart]);
  useEffect(() => {
    if (idle === null) return undefined;
    const timer = setInterval(() => {
      const silent = (Date.now() - touched.current) / 1000;
      const left = Math.ceil(idle + answerSeconds - silent);
      if (left <= 0) tell({ is: 'left' });
      else setWipedIn(left <= answerSeconds ? left : null);
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [idle]);
  return { visit, tell, wipedIn: idle === null ? null : wipedIn };
}
