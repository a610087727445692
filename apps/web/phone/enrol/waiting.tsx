import { useState } from 'react';
import { type ApiKey, newCommand } from '#libs/api-client';
import { keyDigits } from '#libs/verify';
import { useWords } from '../../shared/language.tsx';
import { useLive } from '../../shared/live.ts';
import { answered } from '../../shared/trouble.ts';
import { open } from '../city.ts';
import { cityClock } from '../logic/city-clock.ts';
import { Offline } from '../offline.tsx';
import { Screen } from '../screen.tsx';
import { useNow } from '../use-now.ts';

const zh = {
  title: '请工作人员确认',
  compare: '窗口屏幕上应显示同样的六位数',
  digits: '核对码',
  waiting: '正在等待工作人员确认，请不要关闭本页。',
  different: '数字不一样时，请告诉工作人员不要确认。',
  again: '重新登记',
  over: '10 分钟内没有确认，这次登记已失效。请让工作人员重新给出登记码，再点“重新登记”。',
};
const en: typeof zh = {
  title: 'The clerk confirms',
  compare: 'The window’s screen shows the same six digits',
  digits: 'Digits to compare',
  waiting: 'Waiting for the clerk to confirm. Keep this page open.',
  different: 'If the digits differ, tell the clerk not to confirm.',
  again: 'Start again',
  over: 'It was not confirmed within 10 minutes and has lapsed. Ask the clerk for a new code, then start again.',
};

/** Milliseconds that a clerk has to confirm. */
const confirmHolds = 600_000;

/** The key is offered; the clerk compares its digits and confirms. */
export function Waiting({
  offered,
  onConfirmed,
  onAgain,
}: {
  readonly offered: ApiKey;
  readonly onConfirmed: () => void;
  readonly onAgain: () => void;
}) {
  const words = useWords({ zh, en });
  const [confirmed, setConfirmed] = useState(false);
  const [began] = useState(() => cityClock.now());
  const now = useNow();
  const digits = keyDigits('phone', offered.jkt);
  const reached = useLive(async () => {
    const { jkt } = offered;
    const { enrolled } = await answered(
      open.POST('/v1/enrolments/state', { params: { header: newCommand() }, body: { jkt } }),
    );
    if (!enrolled) return;
    setConfirmed(true);
    onConfirmed();
  }, !confirmed);
  return (
    <Screen title={words.title}>
      <Offline liveness={reached ? 'live' : 'lost'} />
      <p>{words.compare}</p>
      <p
        className="digits mono"
        role="img"
        aria-label={`${words.digits} ${Array.from(digits).join(' ')}`}
      >
        {digits.slice(0, 3)} {digits.slice(3)}
      </p>
      {now - began > confirmHolds ? (
        <p role="alert" className="notice amber">
          {words.over}
        </p>
      ) : (
        <>
          <p role="status">{words.waiting}</p>
          <p className="second">{words.different}</p>
        </>
      )}
      <button type="button" className="big" onClick={onAgain}>
        {words.again}
      </button>
    </Screen>
  );
}
