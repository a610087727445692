import { type ReactNode, useState } from 'react';
import { useWords } from '../../shared/language.tsx';
import { type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import type { Access } from '../logic/accesses.ts';
import type { Check } from '../logic/checks.ts';
import { askEvidence } from './evidence.ts';

const zh = {
  check: '查验这些记录',
  checking: '正在查验…',
  newer: '刚刚发生，还在存证，几秒后可再查验',
  record: { yes: '记录内容与清单一致', no: '记录内容与清单不一致', none: '' },
  log: { yes: '已存入日志，日志签名有效', no: '没有通过日志查验', none: '' },
  witnesses: { yes: '已由见证部门见证', no: '见证部门不足', none: '本市日志没有设见证部门' },
  signature: {
    yes: '同意由这部手机签署',
    no: '签名不是这部手机的',
    none: '同意由您的另一部手机签署，在这里不能查验',
  },
};
const en: typeof zh = {
  check: 'Check these records',
  checking: 'Checking…',
  newer: 'Being sealed; check again in some seconds',
  record: {
    yes: 'The record says what the list says',
    no: 'The record differs from the list',
    none: '',
  },
  log: {
    yes: 'It is in the log, and the log’s signature holds',
    no: 'It is not shown to be in the log',
    none: '',
  },
  witnesses: {
    yes: 'Witnesses saw it',
    no: 'Too few witnesses saw it',
    none: 'This city’s log has no witnesses',
  },
  signature: {
    yes: 'The yes was signed by this phone',
    no: 'The signature is not this phone’s',
    none: 'The yes was signed by another phone of yours, and cannot be checked here',
  },
};

/** By version; null for a record that is newer than what was sealed. */
type Found = ReadonlyMap<number, readonly Check[] | null>;

/** The proofs of some records, checked in this page by one press. */
export function useProof(
  phone: Phone,
  records: readonly Access[],
): { readonly found: Found | null; readonly button: ReactNode } {
  const words = useWords({ zh, en });
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const check = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      const [evidence, { checkRecord }] = await Promise.all([
        askEvidence(phone),
        import('../logic/checks.ts'),
      ]);
      const checked = records.map(
        async (record) => [record.version, await checkRecord(evidence, record, phone.key)] as const,
      );
      setFound(new Map(await Promise.all(checked)));
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
    setBusy(false);
  };
  return {
    found,
    button: (
      <>
        {trouble === null ? null : <TroubleNotice trouble={trouble} />}
        <button type="button" className="big" disabled={busy} onClick={() => void check()}>
          {busy ? words.checking : words.check}
        </button>
      </>
    ),
  };
}

const shapes = { yes: '✓', no: '✕', none: '–' } as const;

/** A line a check of one record. */
export function Checks({
  found,
  version,
}: {
  readonly found: Found | null;
  readonly version: number;
}) {
  const words = useWords({ zh, en });
  const checks = found?.get(version);
  return (
    <div role="status">
      {checks === null ? <p className="second small">{words.newer}</p> : null}
      {checks == null ? null : (
        <ul className="checks">
          {checks.map(({ of, holds, code }) => (
            <li key={of} className={holds}>
              <span aria-hidden="true">{shapes[holds]}</span> {words[of][holds]}
              {code === null ? null : <span className="mono"> {code}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
