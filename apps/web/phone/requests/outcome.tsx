import { useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../../shared/language.tsx';
import { answered, TroubleNotice } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import type { Standing } from '../logic/standing.ts';
import { countdown, timeOf } from '../logic/times.ts';
import { usePress } from '../use-press.ts';
import { StandingStatus } from './standing-status.tsx';

type Consent = Schemas['HolderConsentDto'];
type Access = Schemas['AccessDto'];

const zh = {
  granted: '已同意，等待窗口取走',
  grantedText: (left: string) => `窗口在 ${left} 内可取走一次。取走之前，您可以撤回。`,
  withdraw: '撤回',
  sending: '正在送出…',
  taken: (time: string, count: number) => `已同意，${time} 已取走 ${count} 份`,
  takenPlain: '已同意，窗口已取走',
  missing: (count: number) => `另有 ${count} 份没有可用的证照，请按窗口要求提交纸质材料。`,
  takenText: '窗口已取走，不能撤回；可申请更正或反映。',
  end: '不许窗口再次查看',
  endText: '办件未办结时，窗口 30 分钟内可再看同一内容。您可以现在就停止。',
  ended: '您已停止窗口再次查看。',
  refused: '您没有同意，窗口没有看到任何信息。可改交纸质材料，不影响办理。',
  mismatched:
    '两次数字都与窗口不一致，这个请求已关闭，没有提供任何信息。需要办理时请让窗口重新请求。',
  withdrawn: '您已撤回，信息没有取出。',
  withdrawnLater: '您已撤回，窗口不能再次查看。',
  endedBy: {
    request_withdrawn: '窗口已撤回请求，没有信息被取出。',
    material_brought: '材料已改用纸质提交，这个请求随之结束。',
    phone_key_revoked: '当时表示同意的手机已停用，这个同意随之失效。',
    nothing_to_release: '没有可用的证照，请求已结束。请按窗口要求提交纸质材料。',
  },
  withheld: '您同意之后，证照或授权发生了变化，信息未取出。请按窗口要求办理。',
  expired: '时间已到，视为不同意。没有提供任何信息。',
  expiredGranted: '窗口没有在时限内取走，同意已失效。没有提供任何信息。',
};
const en: typeof zh = {
  granted: 'Agreed: the window can take the data',
  grantedText: (left) =>
    `The window can take them once, within ${left}. Until then you can take your yes back.`,
  withdraw: 'Take back',
  sending: 'Sending…',
  taken: (time, count) =>
    `Agreed; ${count === 1 ? 'one certificate was' : `${count} certificates were`} used at ${time}`,
  takenPlain: 'Agreed; the window has the data',
  missing: (count) =>
    `For ${count} more there is no usable certificate: bring the paper as the window asks.`,
  takenText:
    'The window has the data, and this cannot be taken back. You can ask for a correction, or complain.',
  end: 'End looking again',
  endText:
    'For 30 minutes, while the case is open, the window can look at the same again. You can end that now.',
  ended: 'You ended looking again.',
  refused:
    'You did not agree, and the window saw nothing. You can bring the papers; your case is handled all the same.',
  mismatched:
    'The digits were wrong twice. The request is closed and nothing was handed over. If you want to go on, the window has to ask again.',
  withdrawn: 'You took it back; nothing was handed over.',
  withdrawnLater: 'You took it back; the window cannot look again.',
  endedBy: {
    request_withdrawn: 'The window withdrew the request. Nothing was handed over.',
    material_brought: 'The paper was brought, and this request ended with that.',
    phone_key_revoked: 'The phone that agreed was taken back, and its yes ended with that.',
    nothing_to_release:
      'There is no usable certificate, and the request ended. Bring the paper as the window asks.',
  },
  withheld:
    'After your yes a certificate or the consent changed, and nothing was handed over. Follow the window’s advice.',
  expired: 'The time was up, which counts as no. Nothing was handed over.',
  expiredGranted:
    'The window did not take the data in time, and your yes has ended. Nothing was handed over.',
};

/** What became of an answered request, and what can still be done. */
export function Outcome({
  phone,
  consent,
  standing,
  now,
  onChanged,
}: {
  readonly phone: Phone;
  readonly consent: Consent;
  readonly standing: Exclude<Standing, 'waiting'>;
  readonly now: number;
  readonly onChanged: () => Promise<void>;
}) {
  const words = useWords({ zh, en });
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // The button that was pressed is gone: whoever cannot see goes on here.
    if (document.activeElement === document.body) section.current?.focus({ preventScroll: true });
  }, [standing]);
  const released = useReleased(phone, consent.consent, standing);
  const withdraw = usePress(async (press) => {
    const params = { path: { consent: consent.consent }, header: press.header };
    await press
      .send(phone.api.POST('/v1/phone/consents/{consent}/withdraw', { params }))
      .finally(() => onChanged().catch(() => undefined));
  });
  const button = (label: string) => (
    <button type="button" className="big" disabled={withdraw.busy} onClick={withdraw.press}>
      {withdraw.busy ? words.sending : label}
    </button>
  );
  const told = () => {
    switch (standing) {
      case 'granted':
        return (
          <>
            <p className="strong">{words.granted}</p>
            <p>{words.grantedText(countdown(consent.redeemBy ?? consent.answerBy, now))}</p>
            {button(words.withdraw)}
          </>
        );
      case 'redeemed':
        return (
          <>
            <p className="strong">
              {released === null
                ? words.takenPlain
                : words.taken(timeOf(released.time), countOf(released))}
            </p>
            {released === null || released.missing.length === 0 ? null : (
              <p>{words.missing(released.missing.length)}</p>
            )}
            <p>{words.takenText}</p>
            <p className="second">{words.endText}</p>
            {button(words.end)}
          </>
        );
      case 'withdrawn':
        return <p>{released === null ? words.withdrawn : words.withdrawnLater}</p>;
      case 'ended':
        return <p>{words.endedBy[consent.endReason ?? 'nothing_to_release']}</p>;
      case 'expired':
        return <p>{consent.redeemBy === null ? words.expired : words.expiredGranted}</p>;
      case 'refused':
      case 'mismatched':
      case 'withheld':
        return <p>{words[standing]}</p>;
    }
  };
  return (
    <section className="outcome" ref={section} tabIndex={-1}>
      <StandingStatus standing={standing} />
      {told()}
      {withdraw.trouble === null ? null : <TroubleNotice trouble={withdraw.trouble} />}
    </section>
  );
}

const countOf = ({ used }: Access): number => new Set(used.map(({ material }) => material)).size;

/** The record of the release, where there was one; the city is asked once for each standing. */
function useReleased(phone: Phone, consent: string, standing: Standing): Access | null {
  const [released, setReleased] = useState<Access | null>(null);
  useEffect(() => {
    if (standing !== 'redeemed' && standing !== 'withdrawn') return;
    answered(phone.api.GET('/v1/phone/accesses')).then(
      ({ accesses }) => {
        setReleased(
          accesses.find((one) => one.consent === consent && one.kind === 'released') ?? null,
        );
      },
      // The standing alone is told, then.
      () => undefined,
    );
  }, [phone, consent, standing]);
  return released;
}
