import { useEffect, useState } from 'react';
import { createOpenClient } from '#libs/api-client';
import { isTrialOrigin } from '#libs/log';
import { useWords } from './language.tsx';

const zh = { short: '试用', long: '试用系统：人员、证照和办件均为虚构，没有法律效力。' };
const en: typeof zh = {
  short: 'Trial',
  long: 'A trial: people, certificates and cases are invented and have no legal effect.',
};

/** Marks the pages of a trial, by the origin of its log. */
export function TrialMark({ short = false }: { readonly short?: boolean }) {
  const words = useWords({ zh, en });
  const [trial, setTrial] = useState(false);
  useEffect(() => {
    createOpenClient(location.origin)
      .GET('/log/checkpoint')
      .then(
        ({ data }) => {
          setTrial(typeof data === 'string' && isTrialOrigin(data.split('\n', 1)[0] ?? ''));
        },
        () => undefined,
      );
  }, []);
  if (!trial) return null;
  return <p className="trial-mark">{short ? words.short : words.long}</p>;
}
