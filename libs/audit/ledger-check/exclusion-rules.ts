import { keepsLimit, type NamedEvent } from '#libs/event-store';
import { isObject, type JsonValue } from '#libs/kernel';
import type { ClientRules } from './client-rules.js';
import { list, type DecodedRecord, text } from './decoded-record.js';
import type { Moment } from './moments.js';
import { TwoAdministrators } from './two-administrators.js';

/** The types that these rules are about. */
export const exclusionTypes = [
  'ExclusionRequested',
  'ExclusionWithdrawn',
  'ForeignEventsExcluded',
] as const;
export type ExclusionType = (typeof exclusionTypes)[number];

/** What two administrators left out of the ledger, by their record. */
export interface LeftOutAct {
  /** The record's leaf index and place. */
  readonly leaf: number;
  readonly stream: string;
  readonly version: number;
  readonly exclusion: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly approvedBy: string;
  readonly leftOut: {
    /** Its SHA-256 where the name is not one of the ledger's random ones (`recordedName`). */
    readonly stream: string;
    readonly events: readonly NamedEvent[];
  };
  /** How far the log was sealed then. */
  readonly sealed: { readonly size: number; readonly position: string };
}

/**
 * Whether each exclusion is valid: two administrators under separation of duties, the second for
 * exactly what the first requested, nothing of it before what was sealed then, and no limit of a
 * stream left in force.
 */
export class ExclusionRules {
  readonly #administrators: TwoAdministrators;
  readonly #acts: LeftOutAct[] = [];

  constructor(clients: ClientRules) {
    this.#administrators = new TwoAdministrators(clients, 'ledger:exclude');
  }

  get acts(): readonly LeftOutAct[] {
    return this.#acts;
  }

  take(type: ExclusionType, saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
    const exclusion = text(said, 'exclusion');
    switch (type) {
      case 'ExclusionRequested':
        this.#administrators.request(exclusion, namesIn(said), saying, now);
        return;
      case 'ExclusionWithdrawn':
        this.#administrators.withdraw(exclusion);
        return;
      case 'ForeignEventsExcluded': {
        const act = actIn(said);
        const requester = this.#administrators.requesterOf(exclusion);
        const fault = this.#administrators.approve(exclusion, namesIn(said), saying, now);
        if (requester !== act.requestedBy) found('exclusion_not_approved');
        else if (fault !== null) found(`exclusion_${fault}`);
        const sealedTo = BigInt(act.sealed.position);
        if (
          act.sealed.size > at.leaf ||
          act.leftOut.events.some(({ position }) => BigInt(position) <= sealedTo)
        )
          found('exclusion_of_sealed');
        if (keepsLimit(act.leftOut.events)) found('exclusion_of_limit');
        this.#acts.push({ ...at, exclusion, ...act });
      }
    }
  }
}

const namesIn = ({ stream, events }: DecodedRecord['said']): string =>
  JSON.stringify([stream ?? null, events ?? null]);

const decimal = (value: JsonValue | undefined): string =>
  typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : '0';

const whole = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : -1);

function actIn(said: DecodedRecord['said']) {
  const { sealed } = said;
  return {
    reason: text(said, 'reason'),
    requestedBy: text(said, 'requestedBy'),
    approvedBy: text(said, 'by'),
    leftOut: {
      stream: text(said, 'stream'),
      events: list(said['events'])
        .filter(isObject)
        .map((event) => ({
          part: text(event, 'part') === 'metadata' ? ('metadata' as const) : ('events' as const),
          version: whole(event['version']),
          position: decimal(event['position']),
          hash: text(event, 'hash'),
        })),
    },
    sealed: isObject(sealed)
      ? { size: whole(sealed['size']), position: decimal(sealed['position']) }
      : { size: -1, position: '0' },
  };
}
