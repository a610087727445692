import type { Schemas } from '#libs/api-client';
import type { Tone } from '../../shared/status.tsx';

type Consent = Schemas['HolderConsentDto'];

export type Standing =
  | 'waiting'
  | 'granted'
  | 'refused'
  | 'mismatched'
  | 'withdrawn'
  | 'ended'
  | 'redeemed'
  | 'withheld'
  | 'expired';

const standings: Readonly<Record<Standing, Tone>> = {
  waiting: 'amber',
  granted: 'blue',
  redeemed: 'green',
  refused: 'slate',
  mismatched: 'slate',
  withdrawn: 'slate',
  ended: 'slate',
  withheld: 'amber',
  expired: 'slate',
};

export const isStanding = (state: string): state is Standing => Object.hasOwn(standings, state);

export const toneOf = (standing: Standing): Tone => standings[standing];

/**
 * How a request stands now: what the city said, and that its time has run out since.
 */
export function standingOf(
  { state, answerBy, redeemBy }: Pick<Consent, 'state' | 'answerBy' | 'redeemBy'>,
  now: number,
): Standing {
  const told = isStanding(state) ? state : 'ended';
  const over = (until: string | null) => until !== null && now > Date.parse(until);
  if (told === 'waiting' && over(answerBy)) return 'expired';
  if (told === 'granted' && over(redeemBy)) return 'expired';
  return told;
}

/** Nothing changes any more: no further look is needed. */
export const isOver = (standing: Standing): boolean =>
  standing !== 'waiting' && standing !== 'granted';

/** Those that can be answered or taken back, before those of the past. */
export function sorted<One extends Consent>(
  consents: readonly One[],
  now: number,
): { readonly open: readonly One[]; readonly past: readonly One[] } {
  const open = consents.filter((consent) => !isOver(standingOf(consent, now)));
  return {
    open: open.toSorted((a, b) => a.answerBy.localeCompare(b.answerBy)),
    past: consents
      .filter((consent) => !open.includes(consent))
      .toSorted((a, b) => b.answerBy.localeCompare(a.answerBy)),
  };
}

/** Whether the two digits of the window have to be typed, and how often they still can be. */
export const numberOf = ({
  numberMatch,
  numberTries,
}: Pick<Consent, 'numberMatch' | 'numberTries'>): {
  readonly asked: boolean;
  readonly tries: number;
} => ({
  asked: numberMatch === 'required',
  tries: numberTries,
});
