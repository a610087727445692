import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  exclusionStream,
  isHashedName,
  keepsLimit,
  type NamedEvent,
  type NamedEvents,
  namedEventsIn,
  recordedName,
  setsNothing,
} from '../exclusions.js';
import { storedHash } from '../forming.js';
import { type Position, START, StoreDamaged } from '../port.js';
import {
  bytesIn,
  damagedAt,
  isDeletion,
  nameOf,
  partOf,
  positionOf,
  revisionOf,
  type StreamNames,
  type StreamPart,
  toForeign,
  toRecord,
} from './records.js';
import { NotUnderstood } from './connection.js';
import { readAllRequest, readStreamRequest, streamEndRequest } from './requests.js';
import type { Session } from './session.js';

type Recorded = ReadResp.ReadEvent.RecordedEvent;

/** What servers before 22.6 give as position of events read by stream: 2^64 − 1. */
const unknownPosition = '18446744073709551615';

/** @param place with the stream's name as exclusions have it */
const keyOf = ({ stream, part }: StreamPart, version: number) => `${part} ${version} ${stream}`;

const keyOfEvent = (event: Recorded, names: StreamNames): string => {
  const { stream, part } = partOf(event, names);
  return keyOf({ stream: recordedName(stream), part }, revisionOf(event));
};

/**
 * Events that do not count: those that exclusions by two administrators name (`exclusions.ts`), and
 * foreign events in the exclusions' own stream, which could otherwise block it. The server numbers
 * all events of a stream, the ledger its records alone: this converts between the two.
 */
export class LeftOut {
  static readonly nothing = new LeftOut(new Map(), new Map());

  private constructor(
    /** The events that exclusions name, by `keyOf`. */
    readonly named: ReadonlyMap<string, NamedEvent & StreamPart>,
    /**
     * By stream, named as exclusions have it: the server's numbers of events that do not count,
     * ascending.
     */
    private readonly revisions: ReadonlyMap<string, readonly number[]>,
  ) {}

  static of(acts: readonly NamedEvents[], inStreamOfActs: readonly number[]): LeftOut {
    const named = new Map<string, NamedEvent & StreamPart>();
    const revisions = new Map<string, Set<number>>([
      [recordedName(exclusionStream), new Set(inStreamOfActs)],
    ]);
    for (const { stream, events } of acts)
      for (const event of events) {
        named.set(keyOf({ stream, part: event.part }, event.version), { ...event, stream });
        if (event.part === 'metadata') continue;
        const known = revisions.get(stream);
        if (known === undefined) revisions.set(stream, new Set([event.version]));
        else known.add(event.version);
      }
    const sorted = [...revisions].map(
      ([stream, known]) => [stream, [...known].sort((a, b) => a - b)] as const,
    );
    return new LeftOut(named, new Map(sorted));
  }

  /** How many events of a stream do not count. */
  among(stream: string): number {
    return this.#revisionsIn(stream).length;
  }

  #revisionsIn(stream: string): readonly number[] {
    return this.revisions.size === 0 ? [] : (this.revisions.get(recordedName(stream)) ?? []);
  }

  /**
   * Whether an exclusion names the event.
   * @throws StoreDamaged where another event is in the place that an exclusion names
   */
  has(event: Recorded, names: StreamNames): boolean {
    if (this.named.size === 0 || isDeletion(event)) return false;
    const named = this.named.get(keyOfEvent(event, names));
    if (named === undefined) return false;
    const position = event.getCommitPosition();
    const isThere = position === unknownPosition || position === named.position;
    if (!isThere || named.hash !== storedHash(bytesIn(event)))
      throw damagedAt(
        'another event stands in the place of one that was left out',
        event,
        partOf(event, names).stream,
        'record',
      );
    return true;
  }

  /**
   * Whether the stream's last metadata set nothing and do not count: then the server keeps the
   * stream whole.
   * @throws StoreDamaged as `has`
   */
  hasNoLimit(lastSet: Recorded, names: StreamNames): boolean {
    return setsNothing({ hash: storedHash(bytesIn(lastSet)) }) && this.has(lastSet, names);
  }

  /**
   * Whether an event of a stream does not count, where the stream alone is read. @throws
   * StoreDamaged as `has`
   */
  skips(event: Recorded, stream: string, names: StreamNames): boolean {
    if (this.has(event, names)) return true;
    return stream === exclusionStream && this.#revisionsIn(stream).includes(revisionOf(event));
  }

  /** The server's number of a version's record, whether it exists or comes next. */
  revisionOf(stream: string, version: number): number {
    let revision = version;
    for (const other of this.#revisionsIn(stream)) {
      if (other > revision) break;
      revision++;
    }
    return revision;
  }

  /** The version of the record that has the server's number `revision`. */
  versionAt(stream: string, revision: number): number {
    let version = revision;
    for (const other of this.#revisionsIn(stream)) if (other < revision) version--;
    return version;
  }

  /** Whether both leave out the same events. */
  equals({ named, revisions }: LeftOut): boolean {
    const count = (of: LeftOut['revisions']) =>
      [...of.values()].reduce((sum, { length }) => sum + length, 0);
    return (
      named.size === this.named.size &&
      count(revisions) === count(this.revisions) &&
      [...named.keys()].every((key) => this.named.has(key))
    );
  }
}

/** An exclusion names a limit that is in force, which is not allowed: the limit stays. */
const falseLimit = (stream: string) =>
  new StoreDamaged(
    'store_damaged',
    `an act leaves out a limit or a deletion of a stream that was not taken back (stream ${stream})`,
    { stream },
  );

/**
 * An exclusion names a record or a sealed event, which no administrator can approve: it was forged.
 */
const falseAct = (stream: string, version: number) =>
  new StoreDamaged(
    'store_damaged',
    `an act leaves out a record of the ledger (stream ${stream}, version ${version})`,
    { stream, version },
  );

/**
 * Reads the exclusions, and each event that they name.
 * @param known exclusions that were checked before
 * @throws StoreDamaged where one names a record, a possible record or a sealed event, or keeps a
 *   stream from being whole; StoreUnavailable
 */
export async function readLeftOut(
  session: Session,
  names: StreamNames,
  known: LeftOut,
): Promise<LeftOut> {
  const events = await session.read(
    readStreamRequest(names.of(exclusionStream), 0),
    Number.POSITIVE_INFINITY,
  );
  const foreign: number[] = [];
  const acts: NamedEvents[] = [];
  for (const event of events) {
    const before = LeftOut.of([], foreign);
    if (toForeign(event, names, before) !== null) {
      foreign.push(revisionOf(event));
      continue;
    }
    const act = namedEventsIn(toRecord(event, names, START, before).body);
    if (act !== null) acts.push(act);
  }
  const leftOut = LeftOut.of(acts, foreign);
  if (leftOut.equals(known)) return known;
  for (const act of acts) {
    mustBeBehindSeal(act);
    if (keepsLimit(act.events)) throw falseLimit(act.stream);
  }
  await Promise.all(
    [...leftOut.named]
      .filter(([key]) => !known.named.has(key))
      .map(([, named]) => mustBeForeign(session, names, named, leftOut)),
  );
  return leftOut;
}

function mustBeBehindSeal({ stream, events, sealedTo }: NamedEvents): void {
  for (const { position, version } of events)
    if (BigInt(position) <= sealedTo) throw falseAct(stream, version);
}

async function mustBeForeign(
  session: Session,
  names: StreamNames,
  named: NamedEvent & StreamPart,
  leftOut: LeftOut,
): Promise<void> {
  const { stream, part, version } = named;
  const event = await findNamed(session, names, named);
  // The server may have scavenged it since: then it is certainly no record.
  if (event === undefined) return;
  if (keyOfEvent(event, names) !== keyOf(named, version) || !leftOut.has(event, names))
    throw falseAct(stream, version);
  if (toForeign(event, names, leftOut) === null) throw falseAct(stream, version);
  if (part === 'events') return;
  // The metadata set now may be an event that the same exclusions name, written before the one that
  // they took for the last.
  const [last] = await session.read(streamEndRequest(nameOf(event)), 1);
  if (last !== undefined && leftOut.has(last, names) && !leftOut.hasNoLimit(last, names))
    throw falseLimit(stream);
}

/**
 * By its place in its stream, or in $all where the exclusion has only the hash of the stream's
 * name.
 */
async function findNamed(
  session: Session,
  names: StreamNames,
  { stream, part, version, position }: NamedEvent & StreamPart,
): Promise<Recorded | undefined> {
  if (isHashedName(stream)) return eventAt(session, names, BigInt(position));
  const name = part === 'events' ? names.of(stream) : names.metadataOf(stream);
  const [event] = await session.read(readStreamRequest(name, version, 1), 1);
  return event === undefined || revisionOf(event) !== version ? undefined : event;
}

/**
 * The event under the names of the city at a position; undefined where none begins there. @throws
 * StoreUnavailable
 */
export async function eventAt(
  session: Session,
  names: StreamNames,
  position: Position,
): Promise<Recorded | undefined> {
  if (position <= START || position > maxPosition) return undefined;
  try {
    const [event] = await session.read(readAllRequest(names.prefixes, position, 1), 1);
    return event?.getCommitPosition() === String(position) ? event : undefined;
  } catch (error) {
    // A position that the server does not have.
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

/** Positions are signed 64-bit numbers of the server. */
const maxPosition = 0x7fff_ffff_ffff_ffffn;

/** The position of an event, START where there is none. */
export const placeOf = (event: Recorded | undefined): Position =>
  event === undefined ? START : positionOf(event);
