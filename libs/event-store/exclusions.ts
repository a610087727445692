import { hash } from 'node:crypto';
import { isObject, type JsonValue } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import { storedHash } from './forming.js';
import type { ForeignEvent } from './port.js';

/**
 * Exclusions by which two administrators leave foreign events out of the ledger (ADR 27). They are
 * in one stream of a fixed name, so that an adapter that meets a foreign event, and cannot read the
 * feed past it, can still read them.
 */
export const exclusionStream = 'ledger-exclusions';

/** The type of the record by which a foreign event is left out. */
export const exclusionType = 'ForeignEventsExcluded';

/**
 * A kind, a dash and a random id: a name without personal data. Eight digits in a row may be a
 * person's number.
 */
export const isRandomName = (stream: string): boolean =>
  /^[a-z]{1,20}-[\w-]{22}$/.test(stream) && !/\d{8}/.test(stream);

/**
 * A stream's name as a record may hold it for ever: unchanged where it is random, else `sha256:`
 * and the SHA-256 of its UTF-8 bytes in hexadecimal, because another program chose it and it may
 * hold a person's number.
 */
export const recordedName = (stream: string): string =>
  isRandomName(stream) ? stream : `sha256:${hash('sha256', stream, 'hex')}`;

/** Whether `recordedName` gave it, and not the name itself. */
export const isHashedName = (recorded: string): boolean => recorded.startsWith('sha256:');

/** Metadata of a stream that set nothing: the two bytes `{}`. */
const noMetadata = storedHash(Buffer.from('{}'));

/**
 * Whether metadata with these bytes set nothing on a stream. Judged by their hash, so that no JSON
 * parser is involved.
 */
export const setsNothing = ({ hash: of }: Pick<NamedEvent, 'hash'>): boolean => of === noMetadata;

/**
 * Whether leaving out these events would leave a limit or a deletion in force: the stream's last
 * metadata among them are not `{}`. Such an exclusion is neither written nor believed.
 */
export function keepsLimit(events: readonly Omit<NamedEvent, 'position'>[]): boolean {
  const last = events
    .filter(({ part }) => part === 'metadata')
    .reduce<Omit<NamedEvent, 'position'> | null>(
      (latest, event) => (latest === null || event.version >= latest.version ? event : latest),
      null,
    );
  return last !== null && !setsNothing(last);
}

/** A foreign event as an exclusion names it. The position is in decimal. */
export interface NamedEvent {
  readonly part: ForeignEvent['part'];
  readonly version: number;
  readonly position: string;
  readonly hash: string;
}

export const nameOfForeign = ({ part, version, position, hash }: ForeignEvent): NamedEvent => ({
  part,
  version,
  position: String(position),
  hash,
});

/** What one exclusion leaves out of one stream. */
export interface NamedEvents {
  /** As `recordedName` gives it. */
  readonly stream: string;
  readonly events: readonly NamedEvent[];
  /**
   * Position of the last sealed record when the exclusion was written: nothing up to there can be
   * left out.
   */
  readonly sealedTo: bigint;
}

/**
 * What a record of `exclusionStream` leaves out; null where it is another record, or cannot be
 * read.
 */
export function namedEventsIn({ stream: of, type, data }: RecordBody): NamedEvents | null {
  if (of !== exclusionStream || type !== exclusionType) return null;
  const { stream, events, sealed } = data;
  const sealedTo = isObject(sealed) ? sealed['position'] : undefined;
  if (typeof stream !== 'string' || !Array.isArray(events) || !isDecimal(sealedTo)) return null;
  const named = (events as readonly JsonValue[]).map(namedEvent);
  if (!named.every((event) => event !== null)) return null;
  return { stream, events: named, sealedTo: BigInt(sealedTo) };
}

function namedEvent(value: JsonValue): NamedEvent | null {
  if (!isObject(value)) return null;
  const { part, version, position, hash } = value;
  if (part !== 'events' && part !== 'metadata') return null;
  if (typeof version !== 'number' || !isDecimal(position) || typeof hash !== 'string') return null;
  return { part, version, position, hash };
}

const isDecimal = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && /^\d{1,20}$/.test(value);
