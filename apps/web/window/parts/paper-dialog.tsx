import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { type Case, paperable, paperReasons, suggestedReason } from '../asking.ts';
import type { Names } from '../names.ts';
import type { Press } from '../press.ts';
import { stateWords } from '../state-words.ts';
import { words } from '../words.ts';
import { Dialog } from './dialog.tsx';

type PaperReason = Schemas['BringMaterialDto']['reason'];

/** Notes that a paper was brought after all, and why: a code, never free text. */
export function PaperDialog({
  found,
  material,
  names,
  paper,
  onClose,
}: {
  readonly found: Case;
  /** Chosen by its row; null where the clerk chooses here. */
  readonly material: string | null;
  readonly names: Names;
  readonly paper: Press<{ readonly material: string; readonly reason: PaperReason }>;
  readonly onClose: () => void;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const language = useLanguage();
  const open = paperable(found);
  const [chosen, setChosen] = useState(
    material ?? open.find(({ state }) => state === 'to-be-brought')?.material ?? open[0]?.material,
  );
  const requirement = open.find((each) => each.material === chosen);
  const [reason, setReason] = useState<PaperReason | null>(null);
  const because = reason ?? (requirement === undefined ? null : suggestedReason(requirement));
  const underWay = requirement?.state === 'waiting' || requirement?.state === 'granted';
  return (
    <Dialog title={text.paperTitle} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (requirement !== undefined && because !== null)
            paper.press({ material: requirement.material, reason: because });
        }}
      >
        <fieldset>
          <legend>{text.paperWhich}</legend>
          {open.map((each) => (
            <label key={each.material} className="choice">
              <input
                type="radio"
                name="material"
                checked={each.material === chosen}
                onChange={() => {
                  setChosen(each.material);
                  setReason(null);
                }}
              />
              {names.material(each.material, each.nameZh)[language]}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{text.paperWhy}</legend>
          {paperReasons.map((each) => (
            <label key={each} className="choice">
              <input
                type="radio"
                name="reason"
                data-focus={each === because ? '' : undefined}
                checked={each === because}
                onChange={() => {
                  setReason(each);
                }}
              />
              {states.paper[each]}
            </label>
          ))}
        </fieldset>
        {underWay ? <p className="notice amber">{text.paperEnds}</p> : null}
        {paper.trouble === null ? null : <TroubleNotice trouble={paper.trouble} />}
        <div className="buttons">
          <button type="button" className="button" onClick={onClose}>
            {text.cancel}
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={paper.busy || requirement === undefined}
          >
            {text.paperSave}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
