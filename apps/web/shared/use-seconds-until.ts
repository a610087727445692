import { useEffect, useState } from 'react';

/** Whole seconds until an instant (RFC 3339), counted each second; 0 once it has passed. */
export function useSecondsUntil(until: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
}
