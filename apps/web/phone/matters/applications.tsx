import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { useLook } from '../../shared/live.ts';
import { answered } from '../../shared/problems.tsx';
import { Status, type Tone } from '../../shared/status.tsx';
import type { Phone } from '../city.ts';
import { cityClock } from '../logic/city-clock.ts';
import { windowName } from '../logic/names.ts';
import { momentOf } from '../logic/times.ts';

type Entry = Schemas['ApplicationEntryDto'];

const zh = {
  title: '我的办件',
  none: '还没有在线办件。查找事项后可以申请。',
  waiting: '请您答复',
  opened: '等待接办',
  taken: '窗口办理中',
  accepted: '已受理',
  rejected: '不予受理',
  withdrawn: '已撤回',
  since: '提交于',
};
const en: typeof zh = {
  title: 'My cases',
  none: 'No online case yet. Find a matter to apply.',
  waiting: 'Please answer',
  opened: 'Not taken yet',
  taken: 'With the window',
  accepted: 'Accepted',
  rejected: 'Not accepted',
  withdrawn: 'Withdrawn',
  since: 'Sent',
};

/** One's own online cases, live: how far each is. */
export function Applications({
  phone,
  onOpen,
}: {
  readonly phone: Phone;
  readonly onOpen: (id: string) => void;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const [cases, setCases] = useState<readonly Entry[] | null>(null);
  useLook(phone.live, async () => {
    setCases((await answered(phone.api.GET('/v1/phone/cases'))).cases);
  });
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {cases?.length === 0 ? <p className="second">{words.none}</p> : null}
      {cases === null || cases.length === 0 ? null : (
        <ul className="rows">
          {cases.map((entry) => (
            <li key={entry.case}>
              <button
                type="button"
                className="row"
                onClick={() => {
                  onOpen(entry.case);
                }}
              >
                <span className="strong">
                  {language === 'zh' ? entry.matterName : entry.matterNameEn}
                </span>
                <span className="second">
                  {language === 'zh' ? entry.department : (entry.departmentEn ?? entry.department)}
                  {entry.window === null ? null : ` ${windowName(entry.window, language)}`}
                </span>
                <span className="between">
                  <Status tone={tones[standOf(entry)]}>{words[standOf(entry)]}</Status>
                  <span className="second">
                    {words.since} {momentOf(entry.opened, language, cityClock.now())}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type Stand = 'waiting' | 'opened' | 'taken' | 'accepted' | 'rejected' | 'withdrawn';

const tones: Readonly<Record<Stand, Tone>> = {
  waiting: 'amber',
  opened: 'blue',
  taken: 'blue',
  accepted: 'green',
  rejected: 'red',
  withdrawn: 'slate',
};

function standOf({ outcome, waiting, window }: Entry): Stand {
  if (outcome !== null) return outcome;
  if (waiting) return 'waiting';
  return window === null ? 'opened' : 'taken';
}
