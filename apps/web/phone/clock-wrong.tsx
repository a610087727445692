import { useEffect, useState } from 'react';
import { useLanguage, useWords } from '../shared/language.tsx';
import { useLive } from '../shared/live.ts';
import { open } from './city.ts';
import { cityClock } from './logic/city-clock.ts';
import { spanOf, timeOf } from './logic/times.ts';
import { Screen } from './screen.tsx';
import { useNow } from './use-now.ts';

const zh = {
  title: '手机时间不准',
  ahead: '这部手机的时间快了',
  behind: '这部手机的时间慢了',
  right: '现在的北京时间是',
  why: '时间相差超过 1 分钟时，签署的内容会被拒绝。',
  what: '请在手机“设置 → 日期和时间”中打开“自动设置”。调准后本页会自动继续。',
};
const en: typeof zh = {
  title: 'The phone’s clock is wrong',
  ahead: 'This phone’s clock is ahead by',
  behind: 'This phone’s clock is behind by',
  right: 'Beijing time is now',
  why: 'What is signed more than a minute off is refused.',
  what: 'Turn on automatic time under Settings → Date & time. The page goes on by itself once the clock is right.',
};

export function useSkew(): number {
  const [skew, setSkew] = useState(0);
  useEffect(() => cityClock.listen(setSkew), []);
  return skew;
}

export function ClockWrong({ skew }: { readonly skew: number }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const now = useNow();
  useLive(async () => {
    await open.GET('/log/checkpoint');
  });
  return (
    <Screen title={words.title}>
      <div role="alert" className="notice amber">
        <p className="strong">
          {skew > 0 ? words.ahead : words.behind} {spanOf(skew, language)}
        </p>
        <p>{words.why}</p>
      </div>
      <p>
        {words.right} <span className="mono strong">{timeOf(new Date(now).toISOString())}</span>
      </p>
      <p>{words.what}</p>
    </Screen>
  );
}
