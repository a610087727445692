import type {
  CheckState,
  JudgedPrint,
  PrintedCheck,
  PrintedVerdict,
} from '#libs/verify/printed-proof';
import type { Tone } from '../shared/status.tsx';

/** What the reader sees a line of; each stands for one check, or for several of one question. */
export type LineName = 'paper' | 'city' | 'authority' | 'log' | 'validity' | 'clock' | 'standing';
export type Why = NonNullable<PrintedCheck['why']>;

export interface Line {
  readonly name: LineName;
  readonly state: CheckState;
  readonly tone: Tone;
  /** Of the worst of its checks. */
  readonly why: Why | null;
}

/** In the order in which they are shown. */
const lines: readonly (readonly [LineName, readonly PrintedCheck['check'][]])[] = [
  ['paper', ['paper-text']],
  ['city', ['city']],
  ['authority', ['authority-signature', 'authority-key']],
  ['log', ['logged', 'witnessed', 'issued-time']],
  ['validity', ['validity']],
  ['clock', ['clock']],
  ['standing', ['standing']],
];

/** Worst first: a line is no better than any of its checks. */
const worst: readonly CheckState[] = ['failed', 'not-checked', 'readers-task', 'passed'];

const toneOf: Readonly<Record<CheckState, Tone>> = {
  failed: 'red',
  'not-checked': 'amber',
  'readers-task': 'blue',
  passed: 'green',
};

/** The lines below a verdict: green where all that they stand for was checked and is right. */
export function linesOf({ checks }: Pick<JudgedPrint, 'checks'>): readonly Line[] {
  // A date that nobody is known to have signed is nobody's word.
  const isSigned = checks.some(
    ({ check, state }) => check === 'authority-signature' && state === 'passed',
  );
  return lines.flatMap(([name, names]) => {
    const own = checks.filter(({ check }) => names.includes(check));
    const state = worst.find((each) => own.some((check) => check.state === each)) ?? 'not-checked';
    const why = own.find((check) => check.state === state && check.why !== null)?.why ?? null;
    // A city and a clock that are as they should be are no news.
    if ((name === 'city' || name === 'clock') && state === 'passed') return [];
    // A device's clock is not the page's fault.
    const tone = name === 'clock' ? 'amber' : toneOf[state];
    if (name === 'validity' && !isSigned)
      return [{ name, state: 'not-checked', tone: 'amber', why: 'signature_not_checked' }];
    return [{ name, state, tone, why }];
  });
}

/** Green is for what holds now, in a city that is none of a trial. */
export function toneOfVerdict({ verdict, trial }: Pick<JudgedPrint, 'verdict' | 'trial'>): Tone {
  const tones: Readonly<Record<PrintedVerdict, Tone>> = {
    genuine: trial ? 'amber' : 'green',
    'changed-since': 'amber',
    'erased-since': 'amber',
    revoked: 'red',
    expired: 'slate',
    'standing-unknown': 'amber',
    undecided: 'amber',
    'not-issued-here': 'red',
  };
  return tones[verdict];
}
