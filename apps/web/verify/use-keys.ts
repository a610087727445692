import { useCallback, useEffect, useState } from 'react';
import { type CityKeys, replaceKeys } from './city-keys.ts';
import { askKeys, keepKeys, keptKeys } from './kept-keys.ts';
import { isOneFile } from './one-file.ts';

/**
 * `asking` until the city answers; `silent` where it does not; `refused`: its keys are not those of
 * the log that this browser knows.
 */
export type CityAnswer = 'asking' | 'answered' | 'silent' | 'refused';

export interface Keys {
  readonly keys: CityKeys | null;
  readonly answer: CityAnswer;
  /** Asks the city again. */
  readonly ask: () => void;
  /** Takes the keys of a file. */
  readonly take: (keys: CityKeys) => void;
}

/** The city's keys: those that this browser kept at once, and the newest as the city answers. */
export function useKeys(): Keys {
  const [keys, setKeys] = useState<CityKeys | null>(null);
  const [answer, setAnswer] = useState<CityAnswer>('asking');
  const ask = useCallback(() => {
    setAnswer('asking');
    const look = async (): Promise<CityAnswer> => {
      const kept = await keptKeys();
      if (kept !== null) setKeys(kept);
      if (isOneFile) return 'silent';
      try {
        const asked = await askKeys();
        if (asked === null) return 'silent';
        const next = replaceKeys(kept, asked);
        await keepKeys(next);
        setKeys(next);
        return 'answered';
      } catch {
        return 'refused';
      }
    };
    void look().then(setAnswer);
  }, []);
  useEffect(ask, [ask]);
  const take = useCallback((next: CityKeys) => {
    void keepKeys(next);
    setKeys(next);
  }, []);
  return { keys, answer, ask, take };
}
