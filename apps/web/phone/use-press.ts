import { useRef, useState } from 'react';
import { type Trouble, troubleFrom } from '../shared/problems.tsx';
import { type Press, pressAfter } from './logic/press.ts';

export interface Pressing {
  /** The button is locked from the first press to the answer. */
  readonly busy: boolean;
  readonly trouble: Trouble | null;
  readonly press: () => void;
  readonly clear: () => void;
}

/**
 * A button that does one thing once. Nothing is sent but by a press: what failed waits for the
 * person to press again.
 */
export function usePress(run: (press: Press) => Promise<void>): Pressing {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const locked = useRef(false);
  const last = useRef<Press | null>(null);
  const press = () => {
    if (locked.current) return;
    locked.current = true;
    setBusy(true);
    setTrouble(null);
    const current = pressAfter(last.current, Date.now());
    last.current = current;
    run(current)
      .catch((thrown: unknown) => {
        setTrouble(troubleFrom(thrown));
      })
      .finally(() => {
        locked.current = false;
        setBusy(false);
      });
  };
  const clear = () => {
    setTrouble(null);
  };
  return { busy, trouble, press, clear };
}
