import { useCallback, useRef, useState } from 'react';
import { type Trouble, troubleFrom } from '../shared/trouble.ts';
import { type CommandHeader, insist, isUnanswered, PressKeys } from './insist.ts';

export interface Press<Asked> {
  readonly press: (asked: Asked) => void;
  readonly busy: boolean;
  readonly trouble: Trouble | null;
  readonly forget: () => void;
}

/**
 * A button's work: locked from the first press until it is done. What is asked for is compared as
 * JSON, and kept no longer than it is unanswered.
 */
export function usePress<Asked>(
  send: (asked: Asked, header: CommandHeader) => Promise<void>,
): Press<Asked> {
  const latest = useRef(send);
  latest.current = send;
  const locked = useRef(false);
  const keys = useRef(new PressKeys());
  const [state, setState] = useState<{ busy: boolean; trouble: Trouble | null }>({
    busy: false,
    trouble: null,
  });
  const press = useCallback((asked: Asked) => {
    if (locked.current) return;
    locked.current = true;
    setState({ busy: true, trouble: null });
    insist(keys.current.keyFor(JSON.stringify(asked)), (header) => latest.current(asked, header))
      .then(
        () => {
          keys.current.answered();
          return null;
        },
        (error: unknown) => {
          const trouble = troubleFrom(error);
          if (!isUnanswered(trouble)) keys.current.answered();
          return trouble;
        },
      )
      .then((trouble) => {
        locked.current = false;
        setState({ busy: false, trouble });
      })
      .catch(() => undefined);
  }, []);
  const forget = useCallback(() => {
    setState({ busy: false, trouble: null });
  }, []);
  return { press, ...state, forget };
}
