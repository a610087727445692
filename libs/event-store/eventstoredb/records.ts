import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { canonicalize } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import { ReadRecord, storedHash } from '../forming.js';
import { type ForeignEvent, type Position, START, StoreDamaged } from '../port.js';

type Recorded = ReadResp.ReadEvent.RecordedEvent;

/**
 * Converts the server's number of an event to the ledger's version: the server also numbers events
 * that do not count.
 */
export interface VersionsOfStreams {
  versionAt(stream: string, revision: number): number;
}

/** Names of a city's streams in a server that other ledgers and programs may share. */
export class StreamNames {
  /**
   * Prefixes of streams, and of the streams in which the server keeps their metadata: a deletion, a
   * limit of age or count. No city's name has a slash, so that no prefix begins another city's.
   */
  readonly prefixes: readonly [string, string];

  constructor(readonly city: string) {
    this.prefixes = [`${city}/`, `$$${city}/`];
  }

  of(stream: string): string {
    return this.prefixes[0] + stream;
  }

  metadataOf(stream: string): string {
    return this.prefixes[1] + stream;
  }
}

/**
 * The event of a response; undefined where the response is part of the protocol: confirmation,
 * checkpoint, caught up.
 */
export function eventOf(response: ReadResp): Recorded | undefined {
  const resolved = response.getEvent();
  if (resolved === undefined) return undefined;
  // Links are not resolved: a link under the city's names was written by another program.
  const event = resolved.getEvent();
  if (event === undefined)
    throw new StoreDamaged('store_damaged', 'an event of the feed is not there');
  return event;
}

/**
 * `facts.kind` of StoreDamaged for an event under the ledger's names that is no record: `foreign`
 * was never written as one, `metadata` was set on a stream, `record` may be a damaged record,
 * `transaction` has no position in $all from which a reader could resume.
 */
export type DamageKind = 'foreign' | 'metadata' | 'record' | 'transaction';

/** A place in the city: the stream, without the prefix, and whether its events or its metadata. */
export interface StreamPart {
  readonly stream: string;
  readonly part: ForeignEvent['part'];
}

export function partOf(event: Recorded, names: StreamNames): StreamPart {
  const name = nameOf(event);
  const [prefix, metadataPrefix] = names.prefixes;
  return name.startsWith(metadataPrefix)
    ? { stream: name.slice(metadataPrefix.length), part: 'metadata' }
    : { stream: name.slice(prefix.length), part: 'events' };
}

const typeOf = (event: Recorded): string => event.getMetadataMap().get('type') ?? '';

/**
 * Whether the event deleted its stream for good. The server's other own types, such as links, count
 * as events of another program.
 */
export const isDeletion = (event: Recorded): boolean => typeOf(event) === '$streamDeleted';

export const revisionOf = (event: Recorded): number => Number(event.getStreamRevision());

export function bytesIn(event: Recorded): Buffer {
  const data = event.getData_asU8();
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A stored event as a record: checks that the bytes are the ones hashed and name this version and
 * stream.
 * @param leftOut events that do not count in versions
 * @throws StoreDamaged where the bytes differ from what was written, are no record of this place,
 *   or are metadata of a stream
 */
export function toRecord(
  event: Recorded,
  names: StreamNames,
  position: Position,
  leftOut: VersionsOfStreams,
): ReadRecord {
  const { stream, part } = partOf(event, names);
  if (part === 'metadata') throw metadataSet(event, stream);
  const bytes = bytesIn(event);
  const leaf = storedHash(bytes);
  const hash = event.getCustomMetadata_asU8();
  if (isDeletion(event))
    throw damagedAt('a stream was deleted for good in the event store', event, stream, 'metadata');
  if (hash.length !== 32 && isRecordOf(names.city, stream, leftOut, event))
    throw damagedAt('the hash of a record is gone', event, stream, 'record');
  if (hash.length !== 32)
    throw damagedAt(
      'an event under the names of this city is none of its records',
      event,
      stream,
      'foreign',
    );
  if (leaf !== Buffer.from(hash).toString('hex'))
    throw damagedAt('a record is not what was written', event, stream, 'record');
  const record = new ReadRecord(bytes, leaf, position);
  if (!isAt(record, stream, leftOut.versionAt(stream, revisionOf(event)), event))
    throw damagedAt('a record stands in a place that is not its own', event, stream, 'foreign');
  return record;
}

/** The stream in which it stands, under the server's name for it. */
export const nameOf = (event: Recorded): string =>
  Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();

/**
 * The event where it is no record of the ledger, null where it is one.
 * @throws StoreDamaged where it may be a damaged record
 */
export function toForeign(
  event: Recorded,
  names: StreamNames,
  leftOut: VersionsOfStreams,
): ForeignEvent | null {
  const { stream, part } = partOf(event, names);
  const position = positionOf(event, stream);
  try {
    toRecord(event, names, position, leftOut);
    return null;
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error;
    const kind = error.facts['kind'] as DamageKind;
    if (kind !== 'foreign' && kind !== 'metadata') throw error;
  }
  return {
    part,
    version: revisionOf(event),
    position,
    hash: storedHash(bytesIn(event)),
    deletes: isDeletion(event),
  };
}

/**
 * `$tb` beyond every version deletes a stream softly; the other limits let a scavenge delete
 * records.
 */
const limits: Readonly<Record<string, string>> = {
  $tb: 'was deleted or cut off at its beginning',
  $maxCount: 'was given a greatest number of events',
  $maxAge: 'was given a greatest age of events',
};

/** For people only: `keepsLimit` decides what an exclusion may leave out. */
function limitIn(event: Recorded): string | undefined {
  try {
    const set: unknown = JSON.parse(bytesIn(event).toString());
    if (typeof set !== 'object' || set === null) return undefined;
    return Object.entries(limits).find(([name]) => name in set)?.[1];
  } catch {
    return undefined;
  }
}

/** @param stream without the prefix of the city */
export const metadataSet = (event: Recorded, stream: string): StoreDamaged =>
  damagedAt(
    `a stream ${limitIn(event) ?? 'was given metadata by somebody else'} in the event store`,
    event,
    stream,
    'metadata',
  );

export function damagedAt(
  what: string,
  event: Recorded,
  stream: string,
  kind: DamageKind,
): StoreDamaged {
  const version = revisionOf(event);
  const position = event.getCommitPosition();
  return new StoreDamaged(
    'store_damaged',
    `${what} (stream ${stream}, version ${version}, position ${position} in $all)`,
    { stream, version, position, kind, hash: storedHash(bytesIn(event)) },
  );
}

/** "YYYY-MM-DDThh:mm:ss.mmmZ" */
const instantLength = 24;

/**
 * Whether a record is of this stream, version and type. Canonical JSON has its members in order, so
 * that the end of the bytes is enough; otherwise the record is parsed.
 */
function isAt(record: ReadRecord, stream: string, version: number, event: Recorded): boolean {
  const type = typeOf(event);
  const bytes = record.bytes as Buffer;
  const end = Buffer.from(`","type":${canonicalize(type)},"v":1,"version":${version}}`);
  const start = Buffer.from(`,"stream":${canonicalize(stream)},"time":"`);
  const endAt = bytes.length - end.length;
  const startAt = endAt - instantLength - start.length;
  if (
    startAt > 0 &&
    bytes.compare(end, 0, end.length, endAt) === 0 &&
    bytes.compare(start, 0, start.length, startAt, startAt + start.length) === 0
  )
    return true;
  const body = bodyOf(record);
  return body?.stream === stream && body.version === version && body.type === type;
}

/**
 * Whether bytes without a hash are a record of this place: the hash may be lost, and the record
 * acknowledged.
 */
function isRecordOf(
  city: string,
  stream: string,
  leftOut: VersionsOfStreams,
  event: Recorded,
): boolean {
  const bytes = bytesIn(event);
  const body = bodyOf(new ReadRecord(bytes, '', START));
  return (
    body?.city === city &&
    body.stream === stream &&
    body.version === leftOut.versionAt(stream, revisionOf(event))
  );
}

/** Null where intact bytes are no record at all. */
function bodyOf(record: ReadRecord): RecordBody | null {
  try {
    return record.body;
  } catch (error) {
    if (error instanceof StoreDamaged) return null;
    throw error;
  }
}

/**
 * The position of an event of $all: an append without a transaction is its own commit, with one
 * position. Where commit and prepare position differ, a transaction of another program wrote
 * several events under one, and no reader could resume there.
 * @throws StoreDamaged
 */
export function positionOf(event: Recorded, stream = ''): Position {
  const commit = event.getCommitPosition();
  if (commit !== event.getPreparePosition())
    throw damagedAt(
      'a transaction wrote under the names of this city',
      event,
      stream,
      'transaction',
    );
  const position = BigInt(commit);
  if (position <= START)
    throw new StoreDamaged('store_damaged', 'an event has no position in $all');
  return position;
}
