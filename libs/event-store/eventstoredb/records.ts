import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { canonicalize } from '#libs/kernel';
import { ReadRecord, storedHash } from '../forming.js';
import { type Position, START, StoreDamaged } from '../port.js';

type Recorded = ReadResp.ReadEvent.RecordedEvent;

/** Under which name a city's streams stand in a server that may keep other ledgers, and others' events, beside it. */
export class StreamNames {
  /** No city's name has a slash, so no prefix is the beginning of another's. */
  readonly prefix: string;

  constructor(city: string) {
    this.prefix = `${city}/`;
  }

  of(stream: string): string {
    return this.prefix + stream;
  }
}

/** The event of a response; undefined where the response is a word of the protocol: confirmation, checkpoint, caught up. */
export function eventOf(response: ReadResp): Recorded | undefined {
  const resolved = response.getEvent();
  if (resolved === undefined) return undefined;
  // Links are not resolved: one that stands under the city's names was written by somebody else.
  const event = resolved.getEvent();
  if (event === undefined)
    throw new StoreDamaged('store_damaged', 'an event of the feed is not there');
  return event;
}

/**
 * A stored event as the record that it must be: the bytes that were hashed, at the version that they say, in the stream that they say.
 * @throws StoreDamaged where the bytes are not what was written, or no record of this place
 */
export function toRecord(event: Recorded, names: StreamNames, position: Position): ReadRecord {
  const name = Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  const data = event.getData_asU8();
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const leaf = storedHash(bytes);
  const hash = event.getCustomMetadata_asU8();
  const foreign = (what: string) =>
    new StoreDamaged('store_damaged', what, {
      stream: name,
      version: Number(event.getStreamRevision()),
    });
  if (hash.length !== 32)
    throw foreign('an event under the names of this city is none of its records');
  if (leaf !== Buffer.from(hash).toString('hex')) throw foreign('a record is not what was written');
  const record = new ReadRecord(bytes, leaf, position);
  if (!isAt(record, name.slice(names.prefix.length), event))
    throw foreign('a record stands in a place that is not its own');
  return record;
}

/** "YYYY-MM-DDThh:mm:ss.mmmZ" */
const instantLength = 24;

/**
 * Whether a record is of this stream, version and type. Canonical JSON has its members in order, so the end of the bytes says it all; a record
 * whose end looks different is parsed and asked.
 */
function isAt(record: ReadRecord, stream: string, event: Recorded): boolean {
  const version = event.getStreamRevision();
  const type = event.getMetadataMap().get('type') ?? '';
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
  const { body } = record;
  return body.stream === stream && String(body.version) === version && body.type === type;
}

/**
 * Where an event of $all stands. An append without a transaction is its own commit: its commit position is its prepare position. Where they
 * differ, a transaction of another program wrote it, several events share one commit position, and a reader could not go on from there.
 * @throws StoreDamaged
 */
export function positionOf(event: Recorded): Position {
  const commit = event.getCommitPosition();
  if (commit !== event.getPreparePosition())
    throw new StoreDamaged('store_damaged', 'a transaction wrote under the names of this city', {
      version: Number(event.getStreamRevision()),
    });
  const position = BigInt(commit);
  if (position <= START)
    throw new StoreDamaged('store_damaged', 'an event has no position in $all');
  return position;
}
