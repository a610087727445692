import { useState } from 'react';
import { useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { Dialog } from '../../window/parts/dialog.tsx';
import type { Press } from '../../window/press.ts';
import { type Reason, reasons, reasonWords } from '../reason-words.ts';
import { Field } from './field.tsx';

const zh = { reason: '原因', cancel: '取消' };
const en: typeof zh = { reason: 'Reason', cancel: 'Cancel' };

/** Asks why before something is disabled or enabled. */
export function ReasonDialog({
  title,
  text,
  act,
  usual,
  command,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  /** What the button says. */
  readonly act: string;
  readonly usual: Reason;
  readonly command: Press<Reason>;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const names = useWords(reasonWords);
  const [reason, setReason] = useState<Reason>(usual);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Field label={words.reason}>
        {(id) => (
          <select
            id={id}
            className="field"
            value={reason}
            onChange={({ currentTarget: { value } }) => {
              setReason(reasons.find((one) => one === value) ?? usual);
            }}
          >
            {reasons.map((one) => (
              <option key={one} value={one}>
                {names[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {command.trouble === null ? null : <TroubleNotice trouble={command.trouble} />}
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          {words.cancel}
        </button>
        <button
          type="button"
          className="button primary"
          data-focus
          disabled={command.busy}
          onClick={() => {
            command.press(reason);
          }}
        >
          {act}
        </button>
      </div>
    </Dialog>
  );
}
