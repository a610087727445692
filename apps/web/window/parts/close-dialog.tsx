import { useState } from 'react';
import { useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { type Case, countOf } from '../asking.ts';
import type { Press } from '../press.ts';
import type { Outcome } from '../release.ts';
import { words } from '../words.ts';
import { Dialog } from './dialog.tsx';

const outcomes: readonly Outcome[] = ['accepted', 'rejected', 'withdrawn'];

/** Closes the case; Enter takes what is proposed. */
export function CloseDialog({
  found,
  close,
  onClose,
}: {
  readonly found: Case;
  readonly close: Press<Outcome>;
  readonly onClose: () => void;
}) {
  const text = useWords(words);
  const [outcome, setOutcome] = useState<Outcome>('accepted');
  const { bring } = countOf(found);
  return (
    <Dialog title={text.closeTitle} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close.press(outcome);
        }}
      >
        <p>{text.closeHow}</p>
        {bring === 0 ? null : <p className="notice amber">{text.closeBring(bring)}</p>}
        <fieldset>
          <legend className="visually-hidden">{text.closeTitle}</legend>
          {outcomes.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="outcome"
                data-focus={each === 'accepted' ? '' : undefined}
                checked={each === outcome}
                onChange={() => {
                  setOutcome(each);
                }}
              />
              {text.outcome[each]}
            </label>
          ))}
        </fieldset>
        {close.trouble === null ? null : <TroubleNotice trouble={close.trouble} />}
        <div className="buttons">
          <button type="button" className="button" onClick={onClose}>
            {text.cancel}
          </button>
          <button type="submit" className="button primary" disabled={close.busy}>
            {text.closeSave}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
