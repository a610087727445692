import { useEffect, useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { Status, type Tone } from '../../shared/status.tsx';
import type { Released } from '../desk-state.ts';
import type { Names } from '../names.ts';
import { type CheckLine, checkReceipt } from '../receipt-check.ts';
import { words } from '../words.ts';
import { Dialog } from './dialog.tsx';
import { KeyButton } from './key-button.tsx';

/** Where the record stands, in the corner of the consent. */
export function ReceiptCorner({
  released,
  onOpen,
}: {
  readonly released: Released;
  readonly onOpen: () => void;
}) {
  const text = useWords(words);
  return (
    <section className="receipt-corner" aria-label={text.receipt}>
      <h3>{text.receipt}</h3>
      <p>{released.trust.receipt === null ? text.receiptPending : text.receiptHere}</p>
      <p className="mono hash">{grouped(released.reply.record.hash).slice(0, 35)}</p>
      <KeyButton name="F7" onPress={onOpen}>
        {text.verifyHere}
      </KeyButton>
    </section>
  );
}

const tones: Readonly<Record<CheckLine['state'], Tone>> = {
  ok: 'green',
  failed: 'red',
  pending: 'amber',
};

/** The receipt, checked line by line in this page, from what it holds already. */
export function ReceiptDialog({
  released,
  names,
  onSealed,
  onClose,
}: {
  readonly released: Released;
  readonly names: Names;
  /** Asked once where the record was not sealed when the data came. */
  readonly onSealed: () => void;
  readonly onClose: () => void;
}) {
  const text = useWords(words);
  const language = useLanguage();
  const [lines, setLines] = useState<readonly CheckLine[]>([]);
  const { reply, trust } = released;
  useEffect(() => {
    if (trust.receipt === null) onSealed();
  }, [trust.receipt, onSealed]);
  useEffect(() => {
    setLines(checkReceipt(reply, trust));
  }, [reply, trust]);
  return (
    <Dialog title={text.receiptTitle} onClose={onClose} wide>
      <p>{text.receiptOffline}</p>
      <ul className="checks">
        {lines.map((line, n) => (
          <li key={n}>
            <Status tone={tones[line.state]}>{text.lineState[line.state]}</Status>
            <span>
              {text.line[line.is]}
              <small className="quiet">
                {line.code ?? factsOf(line, text, (type) => names.type(type)[language])}
              </small>
            </span>
          </li>
        ))}
      </ul>
      <dl className="facts">
        <dt>{text.record}</dt>
        <dd className="mono hash">{grouped(reply.record.hash)}</dd>
      </dl>
      {trust.receipt === null ? null : (
        <details>
          <summary>{text.receiptText}</summary>
          <pre className="mono">{trust.receipt}</pre>
        </details>
      )}
      <div className="buttons">
        <button type="button" className="button primary" data-focus onClick={onClose}>
          {text.done}
        </button>
      </div>
    </Dialog>
  );
}

function factsOf(
  { is, state, facts }: CheckLine,
  text: typeof words.zh,
  typeName: (type: string) => string,
): string {
  if (state !== 'ok') return '';
  const told = text.lineFacts;
  switch (is) {
    case 'log':
      return told.log(String(facts['origin']), Number(facts['index']), Number(facts['size']));
    case 'witnesses':
      return told.witnesses(Number(facts['seen']), Number(facts['of']));
    case 'content':
      return told.content(Number(facts['materials']));
    case 'authority':
      return told.authority(typeName(String(facts['type'])), String(facts['key']));
  }
}

const grouped = (hash: string): string => hash.match(/.{1,8}/g)?.join(' ') ?? hash;
