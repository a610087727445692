import { useEffect, useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { open } from './city.ts';

const zh = { trial: '试用系统：内容均为虚构，没有法律效力' };
const en: typeof zh = {
  trial: 'A trial: all is invented, with no legal effect',
};

/**
 * Marks the pages of a trial, by the origin of its log. The answer also tells the city's time,
 * before anything is signed.
 */
export function Trial() {
  const words = useWords({ zh, en });
  const [trial, setTrial] = useState(false);
  useEffect(() => {
    open.GET('/log/origin').then(
      ({ data }) => {
        setTrial(data?.trial === true);
      },
      // Without network nothing is signed, either.
      () => undefined,
    );
  }, []);
  return trial ? <aside className="trial">{words.trial}</aside> : null;
}
