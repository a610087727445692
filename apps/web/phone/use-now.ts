import { useEffect, useState } from 'react';
import { cityClock } from './logic/city-clock.ts';

/** The city's time, anew each second. */
export function useNow(): number {
  const [now, setNow] = useState(() => cityClock.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(cityClock.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}
