import type {
  ClockLine,
  IssuedTimeLine,
  PrintedVerdict,
  StandingLine,
  ValidityLine,
} from './checks.js';
import type { PrintedFacts } from './facts.js';

/**
 * What the city says became of a page; `unknown` where it has no such code. All times here are
 * seconds since 1970.
 */
export interface Standing {
  readonly is: 'current' | 'changed' | 'erased' | 'revoked' | 'unknown';
  /** By the city's clock. */
  readonly asOf: number;
}

/** What the reader's device knows of time, and of what became of the page. */
export interface KnownTime {
  /** Its own clock. */
  readonly now: number;
  /** When the city answered last: by this clock, and by its own. Null where it never did. */
  readonly answered: { readonly at: number; readonly city: number } | null;
  /** Null where the city was never asked about this page. */
  readonly standing: Standing | null;
}

/** Limits, in seconds. */
export const printedTimes = {
  /** A standing is good for so long. */
  fresh: 600,
  /** Clocks that differ by no more are right. */
  clock: 300,
  /** How far the authority's time may be ahead of the witnesses'. */
  ahead: 600,
  /** A page is logged when it is printed, or when what was interrupted goes on. */
  logged: 7 * 24 * 3600,
} as const;

/** The checks that depend on time, and the verdict where a page is over. */
export function judgeTime(
  facts: PrintedFacts,
  witnesses: readonly { readonly time: number }[],
  known: KnownTime,
): {
  readonly checks: readonly [IssuedTimeLine, ClockLine, ValidityLine, StandingLine];
  readonly ended: PrintedVerdict | null;
} {
  const times = witnesses.map(({ time }) => time);
  const { now, answered, standing } = known;
  const skew = answered === null ? 0 : answered.city - answered.at;
  // What was signed or said cannot be later than today.
  const earliest = Math.max(facts.issued, ...times, standing?.asOf ?? 0);
  const today = now + skew + printedTimes.ahead < earliest ? null : now + skew;
  const validity = judgeValidity(facts, today);
  return {
    checks: [
      judgeIssued(facts, times),
      judgeClock(today, answered === null ? null : skew),
      validity,
      judgeStanding(standing, today),
    ],
    ended: over(standing) ?? (validity.why === 'expired' ? 'expired' : null),
  };
}

function judgeIssued({ issued }: PrintedFacts, times: readonly number[]): IssuedTimeLine {
  const line = (state: IssuedTimeLine['state'], why: IssuedTimeLine['why']) =>
    ({ check: 'issued-time', state, why }) as const;
  if (times.length === 0) return line('not-checked', 'no_witness');
  const witnessed = Math.min(...times);
  if (issued > witnessed + printedTimes.ahead) return line('failed', 'issued_after_witnessed');
  return witnessed > issued + printedTimes.logged
    ? line('failed', 'issued_long_before_witnessed')
    : line('passed', null);
}

/** @param today null where the clock is behind what it must have passed */
function judgeClock(today: number | null, skew: number | null): ClockLine {
  const line = (state: ClockLine['state'], why: ClockLine['why']) =>
    ({ check: 'clock', state, why }) as const;
  if (today === null) return line('failed', 'clock_behind');
  if (skew === null) return line('not-checked', 'clock_not_compared');
  return Math.abs(skew) > printedTimes.clock
    ? line('failed', 'clock_corrected')
    : line('passed', null);
}

function judgeValidity({ expires, checkAgain }: PrintedFacts, today: number | null): ValidityLine {
  const line = (state: ValidityLine['state'], why: ValidityLine['why']) =>
    ({ check: 'validity', state, why }) as const;
  if (today === null) return line('not-checked', 'clock_behind');
  if (expires !== null && today >= expires) return line('failed', 'expired');
  return line('passed', today >= checkAgain ? 'check_again' : null);
}

function judgeStanding(standing: Standing | null, today: number | null): StandingLine {
  const line = (state: StandingLine['state'], why: StandingLine['why']) =>
    ({ check: 'standing', state, why }) as const;
  if (standing === null) return line('not-checked', 'not_asked');
  switch (standing.is) {
    // What is over stays over, whatever the time is.
    case 'revoked':
      return line('failed', 'revoked');
    case 'changed':
      return line('failed', 'changed_since');
    case 'erased':
      return line('failed', 'erased_since');
    case 'unknown':
      return line('failed', 'unknown_to_city');
    case 'current': {
      if (today === null) return line('not-checked', 'clock_behind');
      const age = today - standing.asOf;
      return age > printedTimes.fresh ? line('not-checked', 'stale') : line('passed', null);
    }
  }
}

function over(standing: Standing | null): PrintedVerdict | null {
  switch (standing?.is) {
    case 'revoked':
      return 'revoked';
    case 'changed':
      return 'changed-since';
    case 'erased':
      return 'erased-since';
    case 'current':
    case 'unknown':
    case undefined:
      return null;
  }
}
