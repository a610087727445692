import { useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { Status, type Tone } from '../../shared/status.tsx';
import type { Phone } from '../city.ts';
import type { Access, AccessGroup } from '../logic/accesses.ts';
import { cityClock } from '../logic/city-clock.ts';
import { type Names, windowName } from '../logic/names.ts';
import { momentOf } from '../logic/times.ts';
import { Checks, useProof } from './proof.tsx';

type Kind =
  | 'requested'
  | 'granted'
  | 'refused'
  | 'mismatched'
  | 'withdrawn'
  | 'ended'
  | 'released'
  | 'nothing-released'
  | 'withheld'
  | 'read-again';

const zh = {
  used: '用了',
  asked: '请求使用',
  matter: '用途',
  case: '办件编号',
  basis: '依据',
  consent: '您本人同意',
  another: '法定依据',
  comma: '、',
  kinds: {
    requested: '窗口请求',
    granted: '您同意',
    refused: '您不同意',
    mismatched: '数字不一致',
    withdrawn: '您撤回',
    ended: '请求结束',
    released: '窗口取走',
    'nothing-released': '没有可用的证照',
    withheld: '信息未取出',
    'read-again': '窗口再次查看',
  } satisfies Record<Kind, string>,
};
const en: typeof zh = {
  used: 'Used',
  asked: 'Asked for',
  matter: 'What for',
  case: 'Case',
  basis: 'Basis',
  consent: 'Your own consent',
  another: 'As the law provides',
  comma: ', ',
  kinds: {
    requested: 'The window asked',
    granted: 'You agreed',
    refused: 'You did not agree',
    mismatched: 'The digits differed',
    withdrawn: 'You took it back',
    ended: 'The request ended',
    released: 'The window got the data',
    'nothing-released': 'No usable certificate',
    withheld: 'Data withheld',
    'read-again': 'The window looked again',
  },
};

const tones: Readonly<Record<Kind, Tone>> = {
  requested: 'amber',
  granted: 'blue',
  refused: 'slate',
  mismatched: 'slate',
  withdrawn: 'slate',
  ended: 'slate',
  released: 'green',
  'nothing-released': 'slate',
  withheld: 'amber',
  'read-again': 'green',
};
const isKind = (kind: string): kind is Kind => Object.hasOwn(tones, kind);

/** One request with all that came of it; each record has its own proof. */
export function Group({
  phone,
  group,
  names,
}: {
  readonly phone: Phone;
  readonly group: AccessGroup;
  readonly names: Names;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const now = cityClock.now();
  const { last, released, records } = group;
  const proof = useProof(phone, records);
  // That data were taken is what matters, whatever came after.
  const told = released ?? last;
  const kindOf = (kind: string) => (isKind(kind) ? words.kinds[kind] : kind);
  const first = records[0] ?? last;
  return (
    <li>
      <button
        type="button"
        className="row"
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <span className="strong">
          {names.department(group.consent, last.department)} {windowName(last.window, language)}
        </span>
        <span className="second">{names.matter(group.consent, last.purpose)}</span>
        <span className="between">
          <Status tone={isKind(told.kind) ? tones[told.kind] : 'slate'}>{kindOf(told.kind)}</Status>
          <span className="second">{momentOf(told.time, language, now)}</span>
        </span>
      </button>
      {open ? (
        <div className="stack">
          <dl className="values">
            <div>
              <dt>{released === null ? words.asked : words.used}</dt>
              <dd>
                {(released ?? first).used.map((used) => (
                  <Used key={`${used.material} ${used.type}`} used={used} names={names} />
                ))}
              </dd>
            </div>
            <div>
              <dt>{words.matter}</dt>
              <dd>{names.matter(group.consent, last.purpose)}</dd>
            </div>
            {last.basis === null ? null : (
              <div>
                <dt>{words.basis}</dt>
                <dd>{last.basis.by === 'consent' ? words.consent : words.another}</dd>
              </div>
            )}
            <div>
              <dt>{words.case}</dt>
              <dd className="mono">{last.case}</dd>
            </div>
          </dl>
          <ol className="records">
            {records.map((record) => (
              <li key={record.version}>
                <span className="between">
                  <span>{kindOf(record.kind)}</span>
                  <span className="second">{momentOf(record.time, language, now)}</span>
                </span>
                <Checks found={proof.found} version={record.version} />
              </li>
            ))}
          </ol>
          {proof.button}
        </div>
      ) : null}
    </li>
  );
}

function Used({ used, names }: { readonly used: Access['used'][number]; readonly names: Names }) {
  const words = useWords({ zh, en });
  return (
    <span className="block">
      {names.type(used.type)}{' '}
      <span className="second">
        {used.fields.map((key) => names.field(used.type, key)).join(words.comma)}
      </span>
    </span>
  );
}
