import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import {
  type JudgedPrint,
  judgePrint,
  type PrintedProof,
  type ReaderKnowledge,
} from '#libs/verify/printed-proof';
import { useLanguage, useWords } from '../shared/language.tsx';
import { Status, type Tone } from '../shared/status.tsx';
import type { CityKeys } from './city-keys.ts';
import { type Line, linesOf, toneOfVerdict } from './lines.ts';
import { dayText, timeText } from './times.ts';
import { typeName } from './type-names.ts';
import type { Keys } from './use-keys.ts';
import { lineWords, verdictWords, whyWords } from './verdict-words.ts';

const zh = {
  trial: '试用',
  noEffect: '试用系统的证明，没有法律效力。',
  facts: '请与纸上逐项核对',
  type: '证明名称',
  whom: '开给谁',
  before: '（证件号码后四位 ',
  behind: '）',
  issued: '出具时间',
  expires: '有效期至',
  checkAgain: '之后请重新核验',
  authority: '出具机构代码',
  code: '验证码',
  checks: '核验情况',
  passed: '已核验',
  failed: '不符',
  'not-checked': '未核验',
  'readers-task': '请您核对',
  clockOff: '需校正',
  here: '本机核验',
  witnesses: '见证：',
  leaf: '第',
  entry: '条',
  again: '联网再查',
  next: '查下一份',
  asking: '正在联网…',
};
const en: typeof zh = {
  trial: 'Trial',
  noEffect: 'Of a trial system, without legal effect. ',
  facts: 'Compare each line with the paper',
  type: 'Proof',
  whom: 'Issued to',
  before: '(last four of the number: ',
  behind: ')',
  issued: 'Issued',
  expires: 'Valid until',
  checkAgain: 'Check again after',
  authority: 'Issuing authority’s code',
  code: 'Verification code',
  checks: 'What was checked',
  passed: 'Checked',
  failed: 'Wrong',
  'not-checked': 'Not checked',
  'readers-task': 'Yours to check',
  clockOff: 'Set it right',
  here: 'on this device',
  witnesses: 'witnessed by ',
  leaf: 'entry',
  entry: '',
  again: 'Go online, check again',
  next: 'Next proof',
  asking: 'Asking the city…',
};

/** What the judge needs to know; without keys it says what is missing. */
function knowledge(keys: CityKeys | null, proof: PrintedProof): ReaderKnowledge {
  const now = Math.floor(Date.now() / 1000);
  if (keys === null)
    // No keys, no city: the page can be read, and nothing of it judged.
    return {
      city: proof.facts.city,
      policy: null,
      authorityKeys: null,
      now,
      answered: null,
      standing: null,
    };
  const { city, policy, authorityKeys, kept } = keys;
  const answered = {
    at: Math.floor(kept.at / 1000),
    city: Math.floor(kept.cityTime / 1000),
  };
  return { city, policy, authorityKeys, now, answered, standing: null };
}

/** A verdict, what it is about, and a line for each check. */
export function Result({
  proof,
  keys,
  onNext,
}: {
  readonly proof: PrintedProof;
  readonly keys: Keys;
  readonly onNext: () => void;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const judged = useMemo(() => judgePrint(proof, knowledge(keys.keys, proof)), [proof, keys.keys]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [proof]);
  const { title, text } = verdictWords[language][judged.verdict];
  const { facts } = proof;
  return (
    <article className={`result ${toneOfVerdict(judged)}`}>
      <h2 ref={heading} tabIndex={-1}>
        {judged.trial ? <span className="trial-mark">{words.trial}</span> : null} {title}
      </h2>
      <p className="what">
        {judged.trial ? words.noEffect : ''}
        {text}
      </p>
      <section aria-labelledby="facts">
        <h3 id="facts">{words.facts}</h3>
        <dl className="facts">
          <Row name={words.type}>{typeName(facts.type, language)}</Row>
          <Row name={words.whom}>
            {facts.name}{' '}
            <span className="nowrap">
              {words.before}
              <span className="mono">{facts.number}</span>
              {words.behind}
            </span>
          </Row>
          {facts.compare.map(({ label, value }) => (
            <Row key={label} name={label}>
              {value}
            </Row>
          ))}
          <Row name={words.issued}>{timeText(facts.issued, language)}</Row>
          {facts.expires === null ? null : (
            <Row name={words.expires}>{dayText(facts.expires, language)}</Row>
          )}
          <Row name={words.checkAgain}>{dayText(facts.checkAgain, language)}</Row>
          <Row name={words.authority}>
            <span className="mono">{facts.authority}</span>
          </Row>
          <Row name={words.code}>
            <span className="mono">{facts.code}</span>
          </Row>
        </dl>
      </section>
      <section aria-labelledby="checks">
        <h3 id="checks">{words.checks}</h3>
        <ul className="lines">
          {linesOf(judged).map((line) => (
            <CheckLine key={line.name} line={line} judged={judged} proof={proof} />
          ))}
        </ul>
      </section>
      <div className="actions" role="group">
        <button
          type="button"
          className="big primary"
          disabled={keys.answer === 'asking'}
          onClick={keys.ask}
        >
          {keys.answer === 'asking' ? words.asking : words.again}
        </button>
        <button type="button" className="big" onClick={onNext}>
          {words.next}
        </button>
      </div>
    </article>
  );
}

const Row = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function CheckLine({
  line,
  judged,
  proof,
}: {
  readonly line: Line;
  readonly judged: JudgedPrint;
  readonly proof: PrintedProof;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const { name, state, why } = line;
  // What is over is no fault: its status says so itself.
  const isOver = state === 'failed' && (name === 'validity' || name === 'standing');
  const details = [
    why === null || isOver ? null : whyWords[language][why],
    why === null && name === 'authority' ? words.here : null,
    name === 'validity' && state === 'passed' && proof.facts.expires !== null
      ? `${words.expires} ${dayText(proof.facts.expires, language)}`
      : null,
    name === 'log' && state === 'passed'
      ? `${words.here} · ${words.witnesses}${judged.witnesses.map(({ name: by }) => by).join(', ')} · ${words.leaf} ${proof.index + 1} ${words.entry}`.trim()
      : null,
  ].filter((detail) => detail !== null);
  const status = name === 'clock' && state === 'failed' ? words.clockOff : words[state];
  const said = isOver && why !== null ? whyWords[language][why] : status;
  return (
    <li>
      <Status tone={line.tone satisfies Tone}>{said}</Status>
      <span className="strong">{lineWords[language][name]}</span>
      <span className="second">{details.join(' · ')}</span>
    </li>
  );
}
