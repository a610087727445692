import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { Scanner } from '../../shared/scan.tsx';
import { type ConsentQr, readConsentQr } from '#libs/api-client';
import { windowName } from '../logic/names.ts';
import { readNotice } from '../logic/notice.ts';
import { sorted, standingOf } from '../logic/standing.ts';
import { countdown, momentOf } from '../logic/times.ts';
import { StandingStatus } from './standing-status.tsx';

type Consent = Schemas['HolderConsentDto'];

const zh = {
  none: '没有待办的授权请求',
  noneText: '窗口向您请求使用证照时，会出现在这里。',
  loading: '正在读取…',
  scan: '扫窗口屏幕上的码',
  stop: '不扫了',
  other: '这个二维码不是窗口的授权请求。',
  asks: (n: number) => `请您同意使用 ${n} 份证照`,
  past: '近期',
  left: '剩余',
};
const en: typeof zh = {
  none: 'No requests are waiting',
  noneText: 'When a window asks to use your certificates, it appears here.',
  loading: 'Loading…',
  scan: 'Scan the window’s screen',
  stop: 'Stop scanning',
  other: 'This QR code is no request of a window.',
  asks: (n) => `asks to use ${n === 1 ? 'a certificate' : `${n} certificates`}`,
  past: 'Recent',
  left: 'Time left',
};

/** How many of the past are listed here; all are under “who used”. */
const shownPast = 10;

/** The first tab: what waits for an answer. */
export function Requests({
  consents,
  now,
  reached,
  onOpen,
}: {
  /** Null until they are read. */
  readonly consents: readonly Consent[] | null;
  readonly now: number;
  readonly reached: boolean;
  readonly onOpen: (request: ConsentQr) => void;
}) {
  const words = useWords({ zh, en });
  const [scanning, setScanning] = useState(false);
  const [other, setOther] = useState(false);
  const { open, past } = sorted(consents ?? [], now);
  return (
    <>
      <div role="status">
        {consents === null && reached ? <p>{words.loading}</p> : null}
        {consents !== null && open.length === 0 ? (
          <div className="empty">
            <p className="strong">{words.none}</p>
            <p className="second">{words.noneText}</p>
          </div>
        ) : null}
      </div>
      {open.length === 0 ? null : (
        <ul className="cards">
          {open.map((consent) => (
            <Row key={consent.consent} consent={consent} now={now} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {scanning ? (
        <Scanner
          onText={(text) => {
            const link = readConsentQr(text);
            setOther(link === null);
            if (link !== null) onOpen(link);
          }}
        />
      ) : null}
      {other ? (
        <p role="alert" className="notice amber">
          {words.other}
        </p>
      ) : null}
      <button
        type="button"
        className="big"
        onClick={() => {
          setOther(false);
          setScanning(!scanning);
        }}
      >
        {scanning ? words.stop : words.scan}
      </button>
      {past.length === 0 ? null : (
        <>
          <h2>{words.past}</h2>
          <ul className="rows">
            {past.slice(0, shownPast).map((consent) => (
              <Row key={consent.consent} consent={consent} now={now} onOpen={onOpen} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Row({
  consent,
  now,
  onOpen,
}: {
  readonly consent: Consent;
  readonly now: number;
  readonly onOpen: (request: ConsentQr) => void;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const standing = standingOf(consent, now);
  const asked = readNotice(consent, language);
  return (
    <li>
      <button
        type="button"
        className="row"
        onClick={() => {
          onOpen({ consent: consent.consent, number: null });
        }}
      >
        <span className="strong">
          {asked?.department ?? consent.department} {windowName(consent.window, language)}
        </span>
        {standing === 'waiting' ? <span>{words.asks(consent.asks.length)}</span> : null}
        <span className="second">{asked?.matter ?? consent.purpose}</span>
        <span className="between">
          <StandingStatus standing={standing} />
          {standing === 'waiting' ? (
            <span className="amber-text">
              {words.left} <span className="mono">{countdown(consent.answerBy, now)}</span>
            </span>
          ) : standing === 'expired' ? (
            <span className="second">{momentOf(consent.answerBy, language, now)}</span>
          ) : null}
        </span>
      </button>
    </li>
  );
}
