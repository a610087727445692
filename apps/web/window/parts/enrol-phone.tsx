import { useState } from 'react';
import { signStatement } from '#libs/api-client';
import { findKey } from '../../shared/keys.ts';
import { useWords } from '../../shared/language.tsx';
import { useLive } from '../../shared/live.ts';
import { TroubleNotice } from '../../shared/problems.tsx';
import { QrCode } from '../../shared/qr-code.tsx';
import { answered, RequestFailed } from '../../shared/trouble.ts';
import type { CommandHeader } from '../insist.ts';
import { usePress } from '../press.ts';
import { useSession } from '../session.tsx';
import { clockTime } from '../time.ts';
import { words as windowWords } from '../words.ts';
import { Dialog } from './dialog.tsx';
import { HolderEntry, type Known } from './holder-entry.tsx';

const zh = {
  title: '登记持证人的手机',
  check: '请先核对持证人本人和身份证件，再输入证件号码。',
  seen: '我已核对本人和证件',
  begin: '取登记码',
  scan: '请持证人用手机扫描此码',
  qr: '手机登记码',
  kind: '持证人',
  natural: '个人',
  legal: '企业或其他组织',
  checkLegal:
    '请先核对来人可以代表该企业（执照原件、授权和本人身份证件），再输入统一社会信用代码。登记后，这部手机替企业答复请求。',
  typed: '不能扫码时，请在手机上输入：',
  spent: '输入次数已用完，只能扫码；或重新取登记码。',
  until: (time: string) => `${time} 前有效，只用一次。`,
  compare: '持证人手机上显示的六位数与此完全一致时，按“一致，确认登记”。',
  same: '一致，确认登记',
  differ: '不一致',
  differs: '两处数字不一致：登记已放弃，请重新办理。',
  done: '手机已登记，持证人现在可以在手机上答复请求。',
  expired: '登记码已过期，请重新办理。',
};
const en: typeof zh = {
  title: "Enrol the holder's phone",
  check: 'First check the person and the identity document, then enter the number.',
  seen: 'I have checked the person and the document',
  begin: 'Get a code',
  scan: 'The holder scans this code with the phone',
  qr: 'Code that enrols the phone',
  kind: 'Holder',
  natural: 'A person',
  legal: 'A company or other organisation',
  checkLegal:
    'First check that this person may act for the company (original licence, authority, own identity document), then enter the social credit code. The phone then answers for the company.',
  typed: 'Where it cannot be scanned, type on the phone:',
  spent: 'It was typed too often: scan it, or get another code.',
  until: (time) => `Valid until ${time}, for one use.`,
  compare: 'Confirm only where the six digits on the phone are the same as these.',
  same: 'The same: confirm',
  differ: 'Not the same',
  differs: 'The digits differ: this enrolment was given up. Begin again.',
  done: 'The phone is enrolled: the holder can answer requests on it now.',
  expired: 'The code has expired. Begin again.',
};

type Step =
  | { readonly is: 'who' }
  | {
      readonly is: 'code';
      readonly enrolment: string;
      readonly code: string;
      readonly typed: { readonly handle: string; readonly digits: string };
      readonly triesLeft: number;
      readonly expires: string;
    }
  | {
      readonly is: 'compare';
      readonly enrolment: string;
      readonly subject: string;
      readonly jkt: string;
      readonly check: string;
    }
  | { readonly is: 'over'; readonly why: 'done' | 'differs' | 'expired' };

/** A key of the same press for each of the commands that it sends. */
const next = (header: CommandHeader, n: number): CommandHeader => ({
  'Idempotency-Key': `${header['Idempotency-Key']}.${n}`,
});

/**
 * Enrols a phone for a person whose document the clerk checked: a code for the phone, six digits to
 * compare, and the terminal's signed word that the key is the person's.
 */
export function EnrolPhone({ onClose }: { readonly onClose: () => void }) {
  const words = useWords({ zh, en });
  const text = useWords(windowWords);
  const { api } = useSession();
  const [step, setStep] = useState<Step>({ is: 'who' });
  const [known, setKnown] = useState<Known | null>(null);
  const [seen, setSeen] = useState(false);
  const [kind, setKind] = useState<'natural' | 'legal'>('natural');

  const begin = usePress<Extract<Known, { is: 'number' }>>(async ({ kind, number }, header) => {
    const identifier = { kind, number };
    await answered(
      api.POST('/v1/subjects/identify', {
        params: { header: next(header, 1) },
        body: { identifier, basis: 'document' },
      }),
    );
    const opened = await answered(
      api.POST('/v1/enrolments', { params: { header: next(header, 2) }, body: { identifier } }),
    );
    setKnown(null);
    setStep({ is: 'code', ...opened, triesLeft: 5 });
  });

  const confirm = usePress<Extract<Step, { is: 'compare' }>>(async (offered, header) => {
    const { enrolment, subject, jkt } = offered;
    const terminal = await findKey('terminal');
    if (terminal === null)
      throw new RequestFailed({ code: 'caller_unknown', request: null, facts: {} });
    const statement = await signStatement(terminal.key, 'enrolment+jws', {
      sub: subject,
      enrolment,
      jkt,
      iat: Math.floor(Date.now() / 1000),
    });
    await answered(
      api.POST('/v1/enrolments/{id}/confirm', {
        params: { path: { id: enrolment }, header },
        body: { statement },
      }),
    );
    setStep({ is: 'over', why: 'done' });
  });

  useLive(async () => {
    if (step.is !== 'code') return;
    const { enrolment } = step;
    const found = await answered(
      api.GET('/v1/enrolments/{id}', { params: { path: { id: enrolment } } }),
    );
    if (found.typedTriesLeft !== null && found.typedTriesLeft !== step.triesLeft)
      setStep({ ...step, triesLeft: found.typedTriesLeft });
    if (found.state === 'expired') setStep({ is: 'over', why: 'expired' });
    if (found.state === 'offered' && found.jkt !== null && found.check !== null)
      setStep({
        is: 'compare',
        enrolment,
        subject: found.subject,
        jkt: found.jkt,
        check: found.check,
      });
  }, step.is === 'code');

  return (
    <Dialog title={words.title} onClose={onClose}>
      {step.is === 'who' ? (
        <>
          <fieldset className="choices">
            <legend>{words.kind}</legend>
            {(['natural', 'legal'] as const).map((one) => (
              <label key={one} className="choice">
                <input
                  type="radio"
                  name="holder-kind"
                  checked={kind === one}
                  onChange={() => {
                    setKind(one);
                    setKnown(null);
                    setSeen(false);
                  }}
                />
                {words[one]}
              </label>
            ))}
          </fieldset>
          <p>{kind === 'natural' ? words.check : words.checkLegal}</p>
          <HolderEntry
            key={kind}
            role={kind === 'natural' ? 'applicant' : 'legal-person'}
            known={known}
            focused
            numberAlone
            onKnown={(entry) => {
              begin.forget();
              setKnown(entry);
            }}
          />
          <label className="choice">
            <input
              type="checkbox"
              checked={seen}
              onChange={(event) => {
                setSeen(event.target.checked);
              }}
            />
            {words.seen}
          </label>
          {begin.trouble === null ? null : <TroubleNotice trouble={begin.trouble} />}
        </>
      ) : null}
      {step.is === 'code' ? (
        <div className="enrol-code">
          <p>{words.scan}</p>
          <QrCode text={`${location.origin}/phone#code=${step.code}`} label={words.qr} />
          {step.triesLeft > 0 ? (
            <p>
              {words.typed}{' '}
              <strong className="mono typed">
                {step.typed.handle} {step.typed.digits.slice(0, 4)} {step.typed.digits.slice(4)}
              </strong>
            </p>
          ) : (
            <p className="notice amber">{words.spent}</p>
          )}
          <p className="quiet">{words.until(clockTime(step.expires))}</p>
        </div>
      ) : null}
      {step.is === 'compare' ? (
        <>
          <p>{words.compare}</p>
          <p className="number mono">
            {step.check.slice(0, 3)} {step.check.slice(3)}
          </p>
          {confirm.trouble === null ? null : <TroubleNotice trouble={confirm.trouble} />}
        </>
      ) : null}
      {step.is === 'over' ? (
        <p role="status" className={step.why === 'done' ? 'notice' : 'notice amber'}>
          {words[step.why]}
        </p>
      ) : null}
      <div className="buttons">
        {step.is === 'who' ? (
          <button
            type="button"
            className="button primary"
            disabled={known?.is !== 'number' || !seen || begin.busy}
            onClick={() => {
              if (known?.is === 'number') begin.press(known);
            }}
          >
            {words.begin}
          </button>
        ) : null}
        {step.is === 'compare' ? (
          <>
            <button
              type="button"
              className="button primary"
              disabled={confirm.busy}
              onClick={() => {
                confirm.press(step);
              }}
            >
              {words.same}
            </button>
            <button
              type="button"
              className="button"
              disabled={confirm.busy}
              onClick={() => {
                setStep({ is: 'over', why: 'differs' });
              }}
            >
              {words.differ}
            </button>
          </>
        ) : null}
        <button type="button" className="button" onClick={onClose}>
          {text.done}
        </button>
      </div>
    </Dialog>
  );
}
