import { useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { isUnderWay } from '../asking.ts';
import type { OpenCase } from '../desk-state.ts';
import { mainAction } from '../main-action.ts';
import type { Names } from '../names.ts';
import type { Desk } from '../use-desk.ts';
import { words } from '../words.ts';
import { KeyButton } from './key-button.tsx';
import { Materials } from './materials.tsx';
import { Released } from './released.tsx';

/** The open case: its materials, what was received, and what can be done. */
export function CasePart({
  desk,
  place,
  names,
  offline,
  onMain,
  onPaper,
  onReceipt,
  onClose,
  onGiveBack,
}: {
  readonly desk: Desk;
  readonly place: OpenCase;
  readonly names: Names;
  readonly offline: boolean;
  readonly onMain: (() => void) | undefined;
  readonly onPaper: (material: string | null) => void;
  readonly onReceipt: (() => void) | undefined;
  readonly onClose: () => void;
  /** Undefined where the case stays at the window. */
  readonly onGiveBack: (() => void) | undefined;
}) {
  const text = useWords(words);
  const action = mainAction(place);
  const busy = desk.ask.busy || desk.again.busy || desk.takeBack.busy;
  const label = {
    ask: text.ask,
    'ask-again': text.askAgain,
    'read-again': text.readAgain,
    'take-back': text.takeBack,
    wait: text.wait,
    none: text.ask,
  }[action];
  const nothingReceived = place.released.length === 0;
  return (
    <>
      <section className="scrolled" tabIndex={0} aria-label={text.caseRegion}>
        <Materials
          place={place}
          names={names}
          locked={place.consent !== null && isUnderWay(place.consent)}
          onTick={desk.tick}
          onPaper={onPaper}
        />
        {nothingReceived && (action === 'ask' || action === 'take-back' || action === 'wait') ? (
          <p className="notice">{text.beforeYes}</p>
        ) : null}
        {place.released.map((released) => (
          <Released key={released.consent} released={released} found={place.found} names={names} />
        ))}
        {desk.ask.trouble === null ? null : <TroubleNotice trouble={desk.ask.trouble} />}
        {desk.takeBack.trouble === null ? null : <TroubleNotice trouble={desk.takeBack.trouble} />}
        {desk.giveBack.trouble === null ? null : <TroubleNotice trouble={desk.giveBack.trouble} />}
        {desk.again.trouble === null ? null : <TroubleNotice trouble={desk.again.trouble} />}
      </section>
      <div className="actions">
        <KeyButton
          name="F4"
          primary={action !== 'take-back'}
          disabled={onMain === undefined || busy}
          onPress={() => onMain?.()}
        >
          {label}
        </KeyButton>
        <KeyButton
          name="F8"
          disabled={offline}
          onPress={() => {
            onPaper(null);
          }}
        >
          {text.paper}
        </KeyButton>
        <KeyButton name="F7" disabled={onReceipt === undefined} onPress={() => onReceipt?.()}>
          {text.receipt}
        </KeyButton>
        <span className="gap" />
        {onGiveBack === undefined ? null : (
          <KeyButton name="F10" disabled={desk.giveBack.busy} onPress={onGiveBack}>
            {text.giveBack}
          </KeyButton>
        )}
        <KeyButton name="F9" disabled={offline} onPress={onClose}>
          {text.close}
        </KeyButton>
      </div>
    </>
  );
}
