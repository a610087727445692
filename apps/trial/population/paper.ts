import type { JsonValue } from '#libs/kernel';
import { later } from './numbers.js';
import type { Company, Person } from './people.js';

/** A certificate that an authority of the trial issues, and what it does with it afterwards. */
export interface Paper {
  readonly type: string;
  readonly holders: readonly {
    readonly role: string;
    readonly kind: '111' | '001';
    readonly number: string;
  }[];
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly fields: Readonly<Record<string, JsonValue>>;
  readonly isRevoked: boolean;
}

export interface Term {
  readonly from: string;
  /** Null for no expiry. */
  readonly until: string | null;
  /** As papers print it. */
  readonly printed: string;
}

/** Papers of the first ones are good: with them the main job is tried. */
const good = 10;

/** One in so many has expired, and one in so many is revoked. */
const [expiredOf, revokedOf] = [17, 29];

/** Makes papers whose terms end before or after the trial's first day. */
export class Writer {
  constructor(private readonly today: string) {}

  /** @param years for how long; null for no expiry */
  term(type: string, n: number, years: number | null): Term {
    const order = n + Number(type.slice(2));
    if (years === null) {
      const from = later(this.today, -1 - (n % 9), -(n % 300));
      return { from, until: null, printed: '长期' };
    }
    const hasExpired = n >= good && order % expiredOf === 0;
    const until = hasExpired
      ? later(this.today, 0, -30 - (n % 200))
      : later(this.today, Math.max(0, years - 1 - (n % 3)), 60 + (n % 200));
    const from = later(until, -years, 1);
    return { from, until, printed: `${dotted(from)}-${dotted(until)}` };
  }

  of(
    type: string,
    n: number,
    holders: Paper['holders'],
    { from, until }: Term,
    fields: Paper['fields'],
  ): Paper {
    return {
      type,
      holders,
      validFrom: from,
      validUntil: until,
      fields,
      isRevoked: n >= good && (n + Number(type.slice(2))) % revokedOf === 0,
    };
  }
}

const dotted = (day: string): string => day.replaceAll('-', '.');

export const held = ({ number }: Person, role = 'holder'): Paper['holders'][number] => ({
  role,
  kind: '111',
  number,
});
export const heldBy = ({ code }: Company): Paper['holders'][number] => ({
  role: 'holder',
  kind: '001',
  number: code,
});
