import { useState } from 'react';
import { QrCode } from '../../shared/qr-code.tsx';
import { useWords } from '../../shared/language.tsx';
import type { KioskActs } from '../kiosk-view.ts';
import type { Visit } from '../visit.ts';
import { words } from '../words.ts';

interface KeptProps {
  readonly visit: Extract<Visit, { is: 'kept' }>;
  readonly saveAt: string | null;
  readonly acts: KioskActs;
}

/** A proof that was issued and is not on paper: what became of it, and the ways to it. */
export function Kept({ visit, saveAt, acts }: KeptProps) {
  const text = useWords(words);
  const [isSaving, setSaving] = useState(false);
  if (isSaving && saveAt !== null)
    return (
      <section className="shown">
        <h2 data-say="">{text.toPhone}</h2>
        <p>{text.toPhoneHow}</p>
        <div className="code">
          <QrCode text={saveAt} label={text.toPhoneHow} />
        </div>
        <button
          type="button"
          className="large"
          data-act="back"
          onClick={() => {
            setSaving(false);
          }}
        >
          {text.back}
        </button>
      </section>
    );
  return (
    <section className="shown hindered">
      <h2 data-say="">{text.hindered[visit.by]}</h2>
      <p className="kept" data-say="">
        {text.kept}
      </p>
      <ol className="steps">
        <li>{text.keptCall}</li>
        {saveAt === null ? null : <li>{text.keptPhone}</li>}
        {visit.collection === null ? null : (
          <li>
            {text.keptCollect} <b className="mono">{visit.collection}</b>
          </li>
        )}
      </ol>
      <div className="pair">
        <button type="button" className="large" data-act="more" onClick={acts.again}>
          {text.again}
        </button>
        {saveAt === null ? null : (
          <button
            type="button"
            className="large primary"
            data-act="main"
            onClick={() => {
              setSaving(true);
            }}
          >
            {text.toPhone}
          </button>
        )}
      </div>
    </section>
  );
}
