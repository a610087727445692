import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../../shared/language.tsx';
import { RequestFailed, type Trouble, TroubleNotice } from '../../shared/problems.tsx';
import { Scanner } from '../../shared/scan.tsx';
import type { Phone } from '../city.ts';
import { readConsentQr } from '#libs/api-client';
import { signGrant } from '../logic/grant.ts';
import type { Press } from '../logic/press.ts';
import { numberOf } from '../logic/standing.ts';
import { usePasskeys } from '../passkeys/own.ts';
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
  confirm: '点“同意”后，请用指纹、面容或屏幕锁确认。',
  without: '不用通行密钥，直接同意',
  passkey_refused:
    '通行密钥没有确认：已取消、等待超时，或这部手机上已没有它。还没有同意。可以再点“同意”，或不用通行密钥直接同意。',
  passkey_elsewhere:
    '通行密钥在这里不能用，还没有同意。请不用通行密钥直接同意，以后可到“已登记的手机与挂失”收回它。',
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
  confirm: 'After “I agree”, confirm with your fingerprint, face or screen lock.',
  without: 'Agree without the passkey',
  passkey_refused:
    'The passkey was not confirmed: cancelled, too late, or no longer on this phone. You have not agreed yet. Press “I agree” again, or agree without the passkey.',
  passkey_elsewhere:
    'The passkey does not work here, and you have not agreed yet. Agree without it; you can take it back under “Enrolled phones, lost phone”.',
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
  const passkeys = usePasskeys(phone);
  useEffect(() => {
    // Between the press and the authenticator's question a browser lets little time pass.
    if (passkeys.length > 0) void import('../passkeys/ceremonies.ts');
  }, [passkeys]);
  const byKey = async () => ({ jws: await signGrant(phone.key, consent, digits, Date.now()) });
  const byPasskey = async () => {
    const { answerWithPasskey } = await import('../passkeys/ceremonies.ts');
    return { passkey: await answerWithPasskey(passkeys, consent, digits) };
  };

  const send = async (press: Press, form: () => Promise<Schemas['GrantConsentDto']>) => {
    const body = await press.body(form);
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
  };
  const grant = usePress((press) => send(press, passkeys.length > 0 ? byPasskey : byKey));
  const plain = usePress((press) => send(press, byKey));
  const refuse = usePress(async (press) => {
    const params = { path, header: press.header };
    await press
      .send(phone.api.POST('/v1/phone/consents/{consent}/refuse', { params }))
      .finally(lookAnyhow);
  });
  const all = [grant, plain, refuse];
  const clear = () => {
    for (const one of all) one.clear();
  };
  const busy = all.some((one) => one.busy);
  useEffect(() => {
    if (busy || !refocus.current) return;
    refocus.current = false;
    field.current?.focus();
  }, [busy]);
  // A text that is not the one to be signed does not become it by another press.
  const trouble = grant.trouble ?? plain.trouble ?? refuse.trouble;
  const differs = trouble?.code === 'text_differs';
  const ready = !differs && (digits === null || /^\d{2}$/.test(digits));
  const canGoWithout = passkeys.length > 0 && grant.trouble !== null && !differs;

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
            clear();
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
            clear();
            grant.press();
          }}
        >
          {grant.busy || plain.busy ? words.sending : words.yes}
        </button>
      </div>
      {canGoWithout ? (
        <button
          type="button"
          className="link"
          disabled={busy || !ready}
          onClick={() => {
            clear();
            plain.press();
          }}
        >
          {words.without}
        </button>
      ) : null}
      {passkeys.length > 0 ? <p className="second small centre">{words.confirm}</p> : null}
      <p className="second small centre">{children}</p>
    </div>
  );
}

const codeOf = (thrown: unknown): unknown =>
  thrown instanceof RequestFailed ? thrown.trouble.code : null;
const isOffline = (thrown: unknown): boolean => codeOf(thrown) === 'offline';
const isMiss = (thrown: unknown): boolean => codeOf(thrown) === 'number_mismatched';

/** What this page says better than the city's own text; null where it does not. */
function ownWords({ code }: Trouble, words: typeof zh): string | null {
  switch (code) {
    case 'offline':
      return words.offline;
    case 'text_differs':
      return words.differs;
    case 'passkey_refused':
    case 'passkey_elsewhere':
      return words[code];
    default:
      return null;
  }
}

function AnswerTrouble({ trouble }: { readonly trouble: Trouble }) {
  const words = useWords({ zh, en });
  const own = ownWords(trouble, words);
  return own === null ? (
    <TroubleNotice trouble={trouble} />
  ) : (
    <p role="alert" className="notice red">
      {own}
    </p>
  );
}
