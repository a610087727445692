import type { ReactNode } from 'react';
import { consentQrText } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { QrCode } from '../../shared/qr-code.tsx';
import { Status } from '../../shared/status.tsx';
import type { Consent } from '../asking.ts';
import { chipOf, consentStateOf, toldOf } from '../consent-word.ts';
import { type OpenCase, type Released, showsReleased } from '../desk-state.ts';
import { mainAction } from '../main-action.ts';
import type { LogStatus } from '../receipt-check.ts';
import { consentTone, stateWords } from '../state-words.ts';
import { clockTime, countdown, patience, secondsUntil } from '../time.ts';
import { words } from '../words.ts';

/** How the holder's answer stands, and what follows from it. */
export function ConsentPanel({
  place,
  log,
  now,
  busy,
  children,
}: {
  readonly place: OpenCase | null;
  readonly log: LogStatus | null;
  readonly now: number;
  readonly busy: boolean;
  /** The receipt, below. */
  readonly children: ReactNode;
}) {
  const text = useWords(words);
  return (
    <aside className="consent" aria-label={text.askTitle}>
      <h2>{text.askTitle}</h2>
      <div aria-live="polite">
        {place === null ? (
          <p className="quiet">{text.askHow}</p>
        ) : (
          <Standing place={place} log={log} now={now} busy={busy} />
        )}
      </div>
      {/* It stays while the answer is waited for: not read out with each change above. */}
      {place !== null && isWithoutAnswer(place) ? <NoPhone /> : null}
      <div className="below">{children}</div>
    </aside>
  );
}

function Standing({
  place,
  log,
  now,
  busy,
}: {
  readonly place: OpenCase;
  readonly log: LogStatus | null;
  readonly now: number;
  readonly busy: boolean;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const { consent, hindrance } = place;
  if (consent === null)
    return (
      <>
        <p>{text.askHow}</p>
        <p className="notice">{text.beforeYes}</p>
      </>
    );
  if (consent.state === 'waiting') return <Waiting place={place} consent={consent} now={now} />;
  const told = toldOf(consent, hindrance);
  const chip = chipOf(consent, told);
  const shown = place.released.find((one) => one.consent === consent.consent);
  return (
    <>
      <p className="row">
        <Status tone={consentTone[chip] ?? 'slate'}>
          {shown === undefined ? states.consent[chip] : text.granted}
        </Status>
      </p>
      {consent.state === 'granted' && hindrance === null && shown === undefined ? (
        <p className="taking" role="status">
          {text.taking}…
        </p>
      ) : null}
      {told === null ? null : (
        <p className={`notice ${told === 'held' ? 'amber' : ''}`}>
          {told === 'held' ? states.told.held(log?.seen ?? 0, log?.of ?? 0) : states.told[told]}
        </p>
      )}
      {hindrance?.is === 'refused' && told === null ? (
        <TroubleNotice trouble={hindrance.trouble} />
      ) : null}
      {shown === undefined ? null : <Received released={shown} />}
      {told === null && !showsReleased(place) && mainAction(place) === 'read-again' && !busy ? (
        <p className="notice">{text.readHere}</p>
      ) : null}
    </>
  );
}

function Waiting({
  place,
  consent,
  now,
}: {
  readonly place: OpenCase;
  readonly consent: Consent;
  readonly now: number;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const left = secondsUntil(consent.answerBy, now);
  const { certificates, fields } = askedOf(place, consent);
  return (
    <>
      {consent.number === null ? (
        <p className="notice">
          {place.found.origin === 'online' ? text.noNumberOnline : text.noNumber}
        </p>
      ) : (
        <>
          <p>{text.numberHow}</p>
          <div className="ways">
            <p className="number mono">{consent.number}</p>
            <div className="scan-me">
              <QrCode text={consentQrText(`${location.origin}/phone`, consent)} label={text.qr} />
              <p className="quiet">{text.scanInstead}</p>
            </div>
          </div>
        </>
      )}
      <div className="meter" aria-hidden="true">
        <span style={{ width: `${Math.min(100, (left / patience) * 100)}%` }} />
      </div>
      <p className="row">
        <Status tone="amber">{text.waiting}</Status>
        <b className="mono left" role="timer">
          <span className="visually-hidden">{text.timeLeft} </span>
          {countdown(left)}
        </b>
      </p>
      <dl className="facts">
        <dt>{text.fromWhom}</dt>
        <dd>{states.role[consent.role] ?? consent.role}</dd>
        <dt>{text.what}</dt>
        <dd>{text.items(certificates, fields)}</dd>
        <dt>{text.whatFor}</dt>
        <dd>{text.purpose}</dd>
      </dl>
      <p className="quiet stop">{text.stopAsking}</p>
    </>
  );
}

/** Whether the holder at the window has not agreed, so that paper may have to do. */
function isWithoutAnswer({ consent, found, released }: OpenCase): boolean {
  if (consent === null || found.origin === 'online') return false;
  const state = consentStateOf(consent);
  const isShown = released.some((one) => one.consent === consent.consent);
  return consent.state === 'waiting' || (!isShown && state !== 'redeemed' && state !== 'granted');
}

/** How much was asked for: of alternatives the first counts. */
function askedOf({ found }: OpenCase, { materials, role }: Consent) {
  const asked = found.requirements.filter(({ material }) => materials.includes(material));
  const fields = asked.reduce(
    (sum, { answers }) => sum + (answers.find(({ whose }) => whose === role)?.fields.length ?? 0),
    0,
  );
  return { certificates: asked.length, fields };
}

function Received({ released }: { readonly released: Released }) {
  const text = useWords(words);
  const { handedOver, readAgainUntil } = released.reply;
  const fields = handedOver.materials.reduce((sum, one) => sum + Object.keys(one.fields).length, 0);
  return (
    <dl className="facts">
      <dt>{text.got}</dt>
      <dd>{text.received(handedOver.materials.length, fields)}</dd>
      <dt>{text.whatFor}</dt>
      <dd>{text.usedOnce}</dd>
      <dt>{text.until}</dt>
      <dd className="mono">{clockTime(readAgainUntil)}</dd>
    </dl>
  );
}

function NoPhone() {
  const text = useWords(words);
  const language = useLanguage();
  return (
    <p className="no-phone" lang={language === 'zh' ? 'zh-CN' : 'en'}>
      <b>{text.noPhone}</b> {text.noPhoneHow}
    </p>
  );
}
