import { useEffect, useState } from 'react';
import { newCommand, type Schemas } from '#libs/api-client';
import { useWords } from '../../shared/language.tsx';
import { answered, type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import { QrCode } from '../../shared/qr-code.tsx';
import type { Phone } from '../city.ts';
import { cityClock } from '../logic/city-clock.ts';
import { useNow } from '../use-now.ts';
import { useWhenBack } from '../use-when-back.ts';

const zh = {
  what: '请把二维码对准窗口的扫码器',
  label: '您的出示码',
  renewed: (seconds: number) => `${seconds} 秒后更新`,
  once: '每个码只能用一次。窗口扫码后，知道的只是您在窗口前。',
  loading: '正在生成…',
  again: '重试',
};
const en: typeof zh = {
  what: 'Hold the code to the window’s scanner',
  label: 'Your code',
  renewed: (seconds) => `New in ${seconds} s`,
  once: 'Each code works once. All that a window learns from it is that you are there.',
  loading: 'Making a code…',
  again: 'Try again',
};

/** Milliseconds for which a code is shown; it works for twice as long. */
const shownFor = 30_000;

/** The page's seconds and the code's do not begin together. */
const secondsLeft = (milliseconds: number): number =>
  Math.min(shownFor / 1000, Math.max(0, Math.ceil(milliseconds / 1000)));

/** The fourth tab: who shows this code at a window is known there without typing a number. */
export function ShownCode({
  phone,
  lost,
}: {
  readonly phone: Phone;
  /** Told above already. */
  readonly lost: boolean;
}) {
  const words = useWords({ zh, en });
  const [shown, setShown] = useState<(Schemas['ShownCodeDto'] & { readonly at: number }) | null>(
    null,
  );
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [round, setRound] = useState(0);
  const now = useNow();
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      answered(phone.api.POST('/v1/phone/codes', { params: { header: newCommand() } })).then(
        (code) => {
          if (over) return;
          setTrouble(null);
          setShown({ ...code, at: cityClock.now() });
          timer = setTimeout(ask, shownFor);
        },
        (thrown: unknown) => {
          if (over) return;
          setShown(null);
          setTrouble(troubleFrom(thrown));
        },
      );
    };
    const seen = () => {
      clearTimeout(timer);
      setShown(null);
      if (document.visibilityState === 'visible') ask();
    };
    ask();
    document.addEventListener('visibilitychange', seen);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [phone, round]);
  useWhenBack(trouble, () => {
    setRound(round + 1);
  });
  const left = shown === null ? 0 : secondsLeft(shown.at + shownFor - now);
  return (
    <div className="shown-code">
      <p>{words.what}</p>
      {shown !== null ? (
        <>
          <QrCode text={shown.code} label={words.label} />
          <p className="second" role="timer" aria-live="off">
            {words.renewed(left)}
          </p>
        </>
      ) : trouble === null ? (
        <p role="status">{words.loading}</p>
      ) : (
        <>
          {lost && trouble.code === 'offline' ? null : <TroubleNotice trouble={trouble} />}
          <button
            type="button"
            className="big"
            onClick={() => {
              setRound(round + 1);
            }}
          >
            {words.again}
          </button>
        </>
      )}
      <p className="second small">{words.once}</p>
    </div>
  );
}
