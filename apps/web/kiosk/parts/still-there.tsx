import { useEffect, useRef } from 'react';
import { useWords } from '../../shared/language.tsx';
import type { KioskActs } from '../kiosk-view.ts';
import { words } from '../words.ts';

/** Asked before the screen is wiped. */
export function StillThere({
  seconds,
  acts,
}: {
  readonly seconds: number;
  readonly acts: KioskActs;
}) {
  const text = useWords(words);
  return (
    <Over label={text.stillThere}>
      <h2 data-say="">{text.stillThere}</h2>
      <p role="timer">{text.stillThereFor(seconds)}</p>
      <button type="button" className="large primary" data-act="main" onClick={acts.stay}>
        {text.stay}
      </button>
      <button type="button" className="large" data-act="leave" onClick={acts.leave}>
        {text.leave}
      </button>
    </Over>
  );
}

/** Over everything else: a dialog that keeps keys and readers to itself. */
export function Over({
  label,
  children,
}: {
  readonly label: string;
  readonly children: React.ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
      }}
    >
      {children}
    </dialog>
  );
}
