import { useState } from 'react';
import { useWords } from '../../shared/language.tsx';
import { type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import type { Access } from '../logic/accesses.ts';
import type { Completeness } from '../logic/checks.ts';
import { askEvidence } from './evidence.ts';

const zh = {
  prove: '查验这份清单是否完整',
  proving: '正在查验…',
  complete: (records: number) => `清单完整：共 ${records} 条记录，一条不少，次序连续，全部已存证。`,
  witnesses: (count: number) => `由 ${count} 个见证部门见证。`,
  newer: (count: number) => `最新 ${count} 条刚刚发生，还在存证，几秒后可再查验。`,
  refused: '清单没有通过查验，请勿相信。请截屏并向监督部门反映。',
};
const en: typeof zh = {
  prove: 'Check that this list is complete',
  proving: 'Checking…',
  complete: (records) =>
    `The list is complete: ${records} records, none left out, in order, all in the log.`,
  witnesses: (count) => (count === 1 ? 'One witness saw it.' : `${count} witnesses saw it.`),
  newer: (count) => `The newest ${count} are being sealed; check again in some seconds.`,
  refused: 'The list did not pass the check. Do not trust it; take a picture of it and report it.',
};

/** One button: the book whole, with its receipts and signed head, checked in this page. */
export function WholeList({
  phone,
  all,
}: {
  readonly phone: Phone;
  /** The list with its earlier pages, which are read where they are missing. */
  readonly all: () => Promise<readonly Access[]>;
}) {
  const words = useWords({ zh, en });
  const [found, setFound] = useState<Completeness | 'busy' | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const prove = async () => {
    setFound('busy');
    setTrouble(null);
    try {
      const [accesses, evidence, { checkList }] = await Promise.all([
        all(),
        askEvidence(phone),
        import('../logic/checks.ts'),
      ]);
      setFound(await checkList(evidence, accesses));
    } catch (thrown) {
      setFound(null);
      setTrouble(troubleFrom(thrown));
    }
  };
  return (
    <section className="stack">
      <button
        type="button"
        className="big"
        disabled={found === 'busy'}
        onClick={() => void prove()}
      >
        {found === 'busy' ? words.proving : words.prove}
      </button>
      <div role="status">
        {found === null || found === 'busy' ? null : found.is === 'refused' ? (
          <div className="notice red">
            <p>{words.refused}</p>
            <p className="mono">{found.code}</p>
          </div>
        ) : (
          <div className="notice green">
            <p>
              <span aria-hidden="true">✓ </span>
              {words.complete(found.records)}
            </p>
            {found.witnesses === 0 ? null : <p>{words.witnesses(found.witnesses)}</p>}
            {found.newer === 0 ? null : <p>{words.newer(found.newer)}</p>}
          </div>
        )}
      </div>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
    </section>
  );
}
