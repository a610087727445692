import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { type Look, useLook } from '../../shared/live.ts';
import { answered, type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import { windowName } from '../logic/names.ts';
import { readNotice } from '../logic/notice.ts';
import { isOver, standingOf } from '../logic/standing.ts';
import { countdown } from '../logic/times.ts';
import { Offline } from '../offline.tsx';
import { Screen } from '../screen.tsx';
import { useNow } from '../use-now.ts';
import { Answer } from './answer.tsx';
import { Materials } from './materials.tsx';
import { Outcome } from './outcome.tsx';
import { StandingStatus } from './standing-status.tsx';

type Consent = Schemas['HolderConsentDto'];

const zh = {
  title: '授权请求',
  loading: '正在读取…',
  absent: '没有找到这个请求。它可能是发给别人的，或窗口已换了一个请求。',
  left: '剩余时间',
  agree: (n: number) => `请您同意使用 ${n} 份证照`,
  asked: (n: number) => `请求使用 ${n} 份证照`,
  purpose: '只用来办理',
  once: '只用一次，10 分钟内有效。其他内容窗口看不到。窗口取走之前，您可以撤回。',
  text: '将要签署的全文',
  silent: '不作答复，到时自动视为不同意',
};
const en: typeof zh = {
  title: 'Request',
  loading: 'Loading…',
  absent:
    'This request was not found. It may be meant for somebody else, or the window made a new one.',
  left: 'Time left',
  agree: (n) =>
    `asks you to agree to the use of ${n === 1 ? 'one certificate' : `${n} certificates`}`,
  asked: (n) => `asked to use ${n === 1 ? 'one certificate' : `${n} certificates`}`,
  purpose: 'Only to handle',
  once: 'Once only, within 10 minutes of your yes. The window sees nothing else. Until it has taken the data you can take your yes back.',
  text: 'The text that is signed',
  silent: 'No answer counts as no when the time is up',
};

/** One request, read and answered: who, what for, which data, once only, number, no or yes. */
export function Request({
  phone,
  consent: id,
  number,
  onBack,
}: {
  readonly phone: Phone;
  readonly consent: string;
  /** The window's digits, where its QR code was scanned. */
  readonly number: string | null;
  readonly onBack: () => void;
}) {
  const words = useWords({ zh, en });
  const [consent, setConsent] = useState<Consent | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const now = useNow();
  const standing = consent === null ? null : standingOf(consent, now);
  const look = async () => {
    try {
      setConsent(
        await answered(
          phone.api.GET('/v1/phone/consents/{consent}', { params: { path: { consent: id } } }),
        ),
      );
      setTrouble(null);
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
      throw thrown;
    }
  };
  const absent = trouble?.code === 'consent_absent';
  const lookIfMine: Look = async (event) => {
    if (event === null || event.data['consent'] === id) await look();
  };
  const isOpen = !absent && (standing === null || !isOver(standing));
  const liveness = useLook(phone.live, lookIfMine, isOpen);
  const timer =
    consent !== null && standing === 'waiting' ? (
      <p className="countdown" role="timer" aria-live="off">
        <span className="visually-hidden">{words.left} </span>
        {countdown(consent.answerBy, now)}
      </p>
    ) : null;
  return (
    <Screen title={words.title} aside={timer} onBack={onBack}>
      {absent ? (
        <p role="alert" className="notice amber">
          {words.absent}
        </p>
      ) : (
        <Offline liveness={liveness} />
      )}
      {consent === null && !absent ? (
        trouble === null || trouble.code === 'offline' ? (
          <p role="status">{words.loading}</p>
        ) : (
          <TroubleNotice trouble={trouble} />
        )
      ) : null}
      {/* Told once a change; the countdowns beside it are not. */}
      <div role="status" className="visually-hidden">
        {standing === null || standing === 'waiting' ? null : (
          <StandingStatus standing={standing} />
        )}
      </div>
      {consent === null || standing === null ? null : (
        <>
          <Asking consent={consent} waiting={standing === 'waiting'} />
          <Materials phone={phone} consent={consent} />
          {standing === 'waiting' ? (
            <>
              <p className="second">{words.once}</p>
              <FullText consent={consent} />
              <Answer phone={phone} consent={consent} number={number} onAnswered={look}>
                {words.silent}
              </Answer>
            </>
          ) : (
            <Outcome
              phone={phone}
              consent={consent}
              standing={standing}
              now={now}
              onChanged={look}
            />
          )}
        </>
      )}
    </Screen>
  );
}

function Asking({ consent, waiting }: { readonly consent: Consent; readonly waiting: boolean }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const asked = readNotice(consent, language);
  return (
    <>
      <h2 className="who">
        <span className="blue-text">
          <span>{asked?.department ?? consent.department}</span>{' '}
          <span className="nowrap">{windowName(consent.window, language)}</span>
        </span>
        <span>{(waiting ? words.agree : words.asked)(consent.asks.length)}</span>
      </h2>
      <p className="purpose">
        <span className="second">{words.purpose}</span>
        <span>{asked?.matter ?? consent.purpose}</span>
      </p>
    </>
  );
}

function FullText({ consent }: { readonly consent: Consent }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  // Where its parts are not known, the whole is what the person reads.
  return (
    <details className="full-text" open={readNotice(consent, language) === null}>
      <summary>{words.text}</summary>
      <p className="lines">{consent.notice[language]}</p>
    </details>
  );
}
