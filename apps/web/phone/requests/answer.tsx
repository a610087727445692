import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../../shared/language.tsx';
import { RequestFailed, type Trouble, TroubleNotice } from '../../shared/problems.tsx';
import { Scanner } from '../../shared/scan.tsx';
import type { Phone } from '../city.ts';
import { readConsentQr } from '#libs/api-client';
import { signGrant } from '../logic/grant.ts';
import { numberOf } from '../logic/standing.ts';
import { usePress } from '../use-press.ts';

type Consent = Schemas['HolderConsentDto'];

const zh = {
  number: '请输入窗口屏幕上的两位数',
  scan: '改为扫窗口屏幕上的码',
  stop: '不扫了',
  scanned: '已扫窗口屏幕上的码，不用输入数字',
  other: '这是另一个请求的二维码，请扫这个窗口的屏幕。',
  miss: (tries: number) => `与窗口不一致，还可再试 ${tries} 次；不在窗口前，请点“不同意”`,
  no: '不同意',
  yes: '同意',
  sending: '正在送出…',
  offline: '没有网络，您的答复还没有送出。有网络后请再点一次。',
  differs: '显示的内容与要签署的内容不一致，没有签署。请告诉工作人员。',
};
const en: typeof zh = {
  number: 'Type the two digits on the window’s screen',
  scan: 'Scan the window’s screen instead',
  stop: 'Stop scanning',
  scanned: 'The window’s screen was scanned; no digits are needed',
  other: 'This QR code is of another request. Scan the screen of this window.',
  miss: (tries) =>
    `Not what the window shows. You can try ${tries === 1 ? 'once' : `${tries} times`} more. If you are not at the window, choose “I do not agree”.`,
  no: 'I do not agree',
  yes: 'I agree',
  sending: 'Sending…',
  offline: 'No network: your answer has not been sent. Press again when you are connected.',
  differs: 'The text shown is not the text to be signed. Nothing was signed; tell the clerk.',
};

/** The number, and no or yes: of equal size, each sent once by one press. */
export function Answer({
  phone,
  consent,
  number,
  onAnswered,
  children,
}: {
  readonly phone: Phone;
  readonly consent: Consent;
  readonly number: string | null;
  /** The answer is in the book, or the request cannot be answered: it is to be read anew. */
  readonly onAnswered: () => Promise<void>;
  readonly children: ReactNode;
}) {
  const words = useWords({ zh, en });
  const { asked, tries } = numberOf(consent);
  const [scanned, setScanned] = useState(number);
  const [typed, setTyped] = useState('');
  const [scanning, setScanning] = useState(false);
  const [other, setOther] = useState(false);
  const [missed, setMissed] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const refocus = useRef(false);
  const digits = asked ? (scanned ?? typed) : null;
  const path = { consent: consent.consent };
  const lookAnyhow = () => onAnswered().catch(() => undefined);

  const grant = usePress(async (press) => {
    const body = await press.body(async () => ({
      jws: await signGrant(phone.key, consent, digits, Date.now()),
    }));
    const params = { path, header: press.header };
    try {
      await press.send(phone.api.POST('/v1/phone/consents/{consent}/grant', { params, body }));
    } catch (thrown) {
      if (isMiss(thrown)) {
        setMissed(true);
        setTyped('');
        setScanned(null);
      }
      if (!isOffline(thrown)) await lookAnyhow();
      if (!isMiss(thrown)) throw thrown;
      refocus.current = true;
      return;
    }
    await lookAnyhow();
  });
  const refuse = usePress(async (press) => {
    const params = { path, header: press.header };
    await press
      .send(phone.api.POST('/v1/phone/consents/{consent}/refuse', { params }))
      .finally(lookAnyhow);
  });
  const busy = grant.busy || refuse.busy;
  useEffect(() => {
    if (busy || !refocus.current) return;
    refocus.current = false;
    field.current?.focus();
  }, [busy]);
  // A text that is not the one to be signed does not become it by another press.
  const differs = grant.trouble?.code === 'text_differs';
  const ready = !differs && (digits === null || /^\d{2}$/.test(digits));
  const trouble = grant.trouble ?? refuse.trouble;

  return (
    <div className="answer">
      {missed && tries > 0 ? (
        <p role="alert" className="notice red" id="miss">
          {words.miss(tries)}
        </p>
      ) : null}
      {trouble === null ? null : <AnswerTrouble trouble={trouble} />}
      {scanning ? (
        <Scanner
          onText={(text) => {
            const link = readConsentQr(text);
            const mine = link?.consent === consent.consent;
            setOther(!mine);
            if (!mine) return;
            setScanned(link.number);
            setScanning(false);
          }}
        />
      ) : null}
      {other ? (
        <p role="alert" className="notice amber">
          {words.other}
        </p>
      ) : null}
      {!asked ? null : scanned !== null ? (
        <p role="status" className="notice">
          {words.scanned}
        </p>
      ) : (
        <>
          <div className="number">
            <label htmlFor="number">{words.number}</label>
            <input
              id="number"
              ref={field}
              className="field mono"
              inputMode="numeric"
              autoComplete="off"
              maxLength={2}
              value={typed}
              disabled={busy}
              aria-invalid={missed}
              aria-describedby={missed ? 'miss' : undefined}
              onChange={(event) => {
                setTyped(event.currentTarget.value.replace(/\D/g, '').slice(0, 2));
              }}
            />
          </div>
          <button
            type="button"
            className="link"
            onClick={() => {
              setOther(false);
              setScanning(!scanning);
            }}
          >
            {scanning ? words.stop : words.scan}
          </button>
        </>
      )}
      <div className="equal">
        <button
          type="button"
          className="big"
          disabled={busy}
          onClick={() => {
            grant.clear();
            refuse.press();
          }}
        >
          {refuse.busy ? words.sending : words.no}
        </button>
        <button
          type="button"
          className="big primary"
          disabled={busy || !ready}
          onClick={() => {
            refuse.clear();
            grant.press();
          }}
        >
          {grant.busy ? words.sending : words.yes}
        </button>
      </div>
      <p className="second small centre">{children}</p>
    </div>
  );
}

const codeOf = (thrown: unknown): unknown =>
  thrown instanceof RequestFailed ? thrown.trouble.code : null;
const isOffline = (thrown: unknown): boolean => codeOf(thrown) === 'offline';
const isMiss = (thrown: unknown): boolean => codeOf(thrown) === 'number_mismatched';

function AnswerTrouble({ trouble }: { readonly trouble: Trouble }) {
  const words = useWords({ zh, en });
  const own =
    trouble.code === 'offline'
      ? words.offline
      : trouble.code === 'text_differs'
        ? words.differs
        : null;
  return own === null ? (
    <TroubleNotice trouble={trouble} />
  ) : (
    <p role="alert" className="notice red">
      {own}
    </p>
  );
}
