import {
  type ActingOperator,
  type ClientChange,
  handOf,
  OperatorHistory,
  sampleTransport,
  type OperatorSaid,
} from '#libs/identity';
import { type DecodedRecord, list, text } from './decoded-record.js';
import type { FindingCode } from './finding.js';
import { mayHaveCrossed, type Moment, seconds } from './moments.js';
import { OperatorStandings } from './operator-standings.js';
import type { OperatorType } from './operator-types.js';

const prefix = 'operator-';

/**
 * Through whose hands the passkeys of operators came, and which of them were administrators: what
 * two administrators did is judged by it.
 */
export class OperatorRules {
  /** By `handOf` the operator. */
  readonly #histories = new Map<string, OperatorHistory>();
  readonly #standings = new OperatorStandings();

  /** @param isTrial where the sample passkey is taken */
  constructor(private readonly isTrial: boolean) {}

  take(type: OperatorType, saying: DecodedRecord): void {
    const { at, said, found } = saying;
    if (!this.isTrial && list(said['transports']).includes(sampleTransport))
      found('sample_passkey');
    this.#standings.note(type, at.stream.slice(prefix.length), saying);
    const hand = handOf(at.stream.slice(prefix.length));
    const history = this.#histories.get(hand) ?? new OperatorHistory();
    this.#histories.set(hand, history);
    const operator = text(said, 'operator');
    history.take({
      ...saidIn(type, said),
      version: at.version,
      time: text(said, 'time'),
      actor: { client: text(said, 'actor'), ...(operator !== '' && { operator }) },
    });
  }

  /**
   * Whether an operator was an enabled administrator at a time, with a passkey of the own then; a
   * change of the same moment may have crossed.
   */
  mayAct(
    { operator, passkey }: Pick<ActingOperator, 'operator' | 'passkey'>,
    time: string,
    now: Moment,
  ): boolean {
    const history = this.#histories.get(handOf(operator));
    if (history === undefined) return false;
    const ended = (is: (change: ClientChange) => boolean) =>
      mayHaveCrossed(time, seconds(history.changes.findLast(is)?.time ?? ''), now);
    const added = history.changes.find((change) => change.added.includes(passkey));
    if (added === undefined) return false;
    const hasIt = history.changes.every((change) => !change.retired.includes(passkey));
    return (
      (hasIt || ended((change) => change.retired.includes(passkey))) &&
      (history.mayAct || ended(({ change }) => change === 'disabled'))
    );
  }

  /** What is wrong with a record that names an operator, at a terminal of a department. */
  faultOf(said: DecodedRecord['said'], department: string, now: Moment): FindingCode | null {
    const act = {
      operator: text(said, 'operator'),
      type: text(said, 'type'),
      time: text(said, 'time'),
    };
    return this.#standings.faultOf(act, department, now);
  }

  changesOf(hand: string): readonly ClientChange[] {
    return this.#histories.get(hand)?.changes ?? [];
  }

  *histories(): Generator<readonly [string, readonly ClientChange[]]> {
    for (const [hand, { changes }] of this.#histories) yield [hand, changes];
  }
}

function saidIn(type: OperatorType, said: DecodedRecord['said']): OperatorSaid {
  switch (type) {
    case 'OperatorInvited':
    case 'OperatorRolesChanged': {
      const roles = list(said['roles']).filter((role) => typeof role === 'string');
      return { type, data: { roles } };
    }
    case 'OperatorPasskeyAdded':
      return { type, data: { credential: text(said, 'credential') } };
    default:
      return { type };
  }
}
