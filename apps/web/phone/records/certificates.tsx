import { useCallback, useEffect, useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import { Status, type Tone } from '../../shared/status.tsx';
import type { Phone } from '../city.ts';
import { fieldName, textOf } from '../logic/own-values.ts';
import { type Certificate, walletPage } from '../logic/wallet.ts';
import { useWhenBack } from '../use-when-back.ts';

const zh = {
  loading: '正在读取…',
  none: '还没有您的证照',
  noneText: '颁发机构登记证照后，会出现在这里。如有缺漏，请向颁发机构反映。',
  more: '显示更多',
  again: '重试',
  phones: '已登记的手机与挂失',
  until: '有效期至',
  from: '生效日期',
  forever: '长期有效',
  authority: '颁发机构代码',
  identifier: '电子证照标识',
  wrong: '内容有误？请向颁发机构申请更正，本页不能修改。',
  valid: '有效',
  suspended: '已暂停',
  revoked: '已吊销',
  cancelled: '已注销',
  expired: '已过期',
  'not-yet-valid': '尚未生效',
};
const en: typeof zh = {
  loading: 'Loading…',
  none: 'There are no certificates of yours yet',
  noneText:
    'They appear when their authority registers them. If one is missing, tell the authority.',
  more: 'Show more',
  again: 'Try again',
  phones: 'Enrolled phones; lost phone',
  until: 'Valid until',
  from: 'Valid from',
  forever: 'no end date',
  authority: 'Authority’s code',
  identifier: 'Certificate identifier',
  wrong:
    'Something is wrong? Ask the issuing authority for a correction; this page changes nothing.',
  valid: 'Valid',
  suspended: 'Suspended',
  revoked: 'Revoked',
  cancelled: 'Cancelled',
  expired: 'Expired',
  'not-yet-valid': 'Not yet valid',
};

const tones: Readonly<Record<Certificate['standing'], Tone>> = {
  valid: 'green',
  suspended: 'amber',
  revoked: 'red',
  cancelled: 'slate',
  expired: 'slate',
  'not-yet-valid': 'amber',
};

/** The second tab: the holder's certificates, valid ones first, as the city lists them. */
export function Certificates({
  phone,
  lost,
  onPhones,
}: {
  readonly phone: Phone;
  /** Told above already. */
  readonly lost: boolean;
  readonly onPhones: () => void;
}) {
  const words = useWords({ zh, en });
  const [certificates, setCertificates] = useState<readonly Certificate[]>([]);
  const [next, setNext] = useState<number | null>(1);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const load = useCallback(
    (page: number) => {
      setBusy(true);
      setTrouble(null);
      walletPage(phone, page)
        .then(({ certificates: more, total }) => {
          setCertificates((before) => (page === 1 ? more : [...before, ...more]));
          setNext(page * 20 < total ? page + 1 : null);
        })
        .catch((thrown: unknown) => {
          setTrouble(troubleFrom(thrown));
        })
        .finally(() => {
          setBusy(false);
        });
    },
    [phone],
  );
  useEffect(() => {
    load(1);
  }, [load]);
  useWhenBack(trouble, () => {
    load(next ?? 1);
  });
  return (
    <>
      <div role="status">
        {busy && certificates.length === 0 ? <p>{words.loading}</p> : null}
        {!busy && trouble === null && certificates.length === 0 ? (
          <div className="empty">
            <p className="strong">{words.none}</p>
            <p className="second">{words.noneText}</p>
          </div>
        ) : null}
      </div>
      {certificates.length === 0 ? null : (
        <ul className="rows">
          {certificates.map((one) => (
            <Row key={one.certificate} certificate={one} />
          ))}
        </ul>
      )}
      {trouble === null ||
      (lost && trouble.code === 'offline' && certificates.length === 0) ? null : (
        <TroubleNotice trouble={trouble} />
      )}
      {next === null || (certificates.length === 0 && trouble === null) ? null : (
        <button
          type="button"
          className="big"
          disabled={busy}
          onClick={() => {
            load(next);
          }}
        >
          {trouble === null ? words.more : words.again}
        </button>
      )}
      <button type="button" className="link foot" onClick={onPhones}>
        {words.phones}
      </button>
    </>
  );
}

function Row({ certificate }: { readonly certificate: Certificate }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const { standing, validFrom, validUntil, identifier, authority, fields } = certificate;
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
          {language === 'zh' ? certificate.nameZh : certificate.nameEn}
        </span>
        <span className="between">
          <Status tone={tones[standing]}>{words[standing]}</Status>
          <span className="second">
            {validUntil === null ? words.forever : `${words.until} ${validUntil}`}
          </span>
        </span>
      </button>
      {open ? (
        <>
          <dl className="values">
            {Object.entries(fields).map(([key, value]) => (
              <div key={key}>
                <dt>{fieldName(key, certificate, language)}</dt>
                <dd>{textOf(value, language)}</dd>
              </div>
            ))}
            <div>
              <dt>{words.from}</dt>
              <dd>{validFrom}</dd>
            </div>
            <div>
              <dt>{words.authority}</dt>
              <dd className="mono">{authority}</dd>
            </div>
            {identifier === null ? null : (
              <div>
                <dt>{words.identifier}</dt>
                <dd className="mono">{identifier}</dd>
              </div>
            )}
          </dl>
          <p className="second small">{words.wrong}</p>
        </>
      ) : null}
    </li>
  );
}
