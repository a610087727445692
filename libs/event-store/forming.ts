import { hash } from 'node:crypto';
import {
  canonicalize,
  InvalidError,
  type JsonObject,
  type JsonValue,
  TooLargeError,
  utf8Text,
} from '#libs/kernel';
import { readRecord, type RecordBody } from '#libs/log';
import {
  type Appended,
  type AppendedRecord,
  EventIdConflict,
  type NewEvent,
  NONE,
  type Position,
  type PositionedRecord,
  StoreDamaged,
  type StoredRecord,
  VersionConflict,
} from './port.js';

/**
 * What adapters share: how events become records, how stored bytes become records again, and how a
 * second append of the same ids is answered.
 */

/**
 * The end of a stream: the version of its last record and that record's leaf hash, null before the
 * first.
 */
export interface Head {
  readonly version: number;
  readonly hash: string | null;
}
export const EMPTY: Head = { version: NONE, hash: null };

/** A record that was formed and is not stored yet. */
export interface FormedRecord {
  readonly version: number;
  readonly id: string;
  readonly hash: string;
  /**
   * What is hashed (RFC 6962, section 2.1): U+0000, and the record's canonical JSON. A string until
   * bytes are needed, which leaves less garbage.
   */
  readonly leaf: string;
}

/** What the caller of an append is told; the text is made where it is asked for. */
export class ToldRecord implements AppendedRecord {
  readonly #stored: string | Uint8Array;

  private constructor(
    readonly version: number,
    readonly id: string,
    readonly hash: string,
    stored: string | Uint8Array,
  ) {
    this.#stored = stored;
  }

  static formed({ version, id, hash, leaf }: FormedRecord): ToldRecord {
    return new ToldRecord(version, id, hash, leaf);
  }

  static found({ body: { version, id }, hash, bytes }: StoredRecord): ToldRecord {
    return new ToldRecord(version, id, hash, bytes);
  }

  get text(): string {
    return typeof this.#stored === 'string' ? this.#stored.slice(1) : utf8Text(this.#stored);
  }
}

/** The bytes that are stored. */
export const bytesOf = ({ leaf }: FormedRecord): Uint8Array => Buffer.from(leaf).subarray(1);

/** An event that no reader could parse: it is refused before anything is written. */
export class EventMalformed extends InvalidError<'event_malformed'> {}

/** A record too large for an entry bundle of the log. */
export class EventTooLarge extends TooLargeError<'event_too_large'> {}

/** Entry bundles give the length of a record in two bytes (C2SP tlog-tiles). */
const maxBytes = 0xffff;

/** Records may nest 64 levels (`readRecord`); the record itself is one, its `data` the second. */
const maxDataDepth = 63;

/**
 * Refuses what the database or a reader would refuse later, when the rest of the batch would fail
 * with it.
 * @throws EventMalformed
 */
export function checkEvents(stream: string, events: readonly NewEvent[]): void {
  if (stream === '' || stream.includes('\0') || !stream.isWellFormed())
    throw new EventMalformed('event_malformed', 'a stream has no such name', { member: 'stream' });
  for (const { id, schema, data } of events) {
    if (!/^[0-9a-f]{32}$/.test(id)) throw malformed('id');
    if (!Number.isSafeInteger(schema) || schema < 0) throw malformed('schema');
    if (!readable(data, maxDataDepth)) throw malformed('data');
  }
}

const malformed = (member: string) =>
  new EventMalformed('event_malformed', `an event's ${member} is not as the format says`, {
    member,
  });

function readable(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) if (!readable(item, depth - 1)) return false;
    return true;
  }
  const members = value as JsonObject;
  // Without an array of the members, which takes several times as long.
  for (const name in members)
    if (name === '__proto__' || !readable(members[name], depth - 1)) return false;
  return true;
}

/**
 * Chains events to the end of their stream. Throws where one has no canonical form, and where a
 * record is larger than the log takes; nothing is changed by then.
 * @throws EventTooLarge, JsonError
 */
export function formRecords(
  city: string,
  stream: string,
  head: Head,
  events: readonly NewEvent[],
): FormedRecord[] {
  let { version, hash: prev } = head;
  return events.map((event) => {
    version++;
    const leaf = `\0${recordText(city, stream, version, event, prev)}`;
    // A UTF-16 unit takes three bytes at most, so that short records need no counting.
    if (leaf.length * 3 > maxBytes && Buffer.byteLength(leaf) - 1 > maxBytes)
      throw new EventTooLarge('event_too_large', 'a record would be larger than the log takes', {
        maxBytes,
      });
    prev = hash('sha256', leaf, 'hex');
    return { version, id: event.id, hash: prev, leaf };
  });
}

/**
 * The canonical JSON of a record: what `recordBytes` of libs/log gives, without sorting its
 * members, and without escaping what `checkEvents` found to need none. Forming records is half of
 * the cost of an append in this process.
 */
export function recordText(
  city: string,
  stream: string,
  version: number,
  { id, type, schema, time, actor, data }: NewEvent,
  prev: string | null,
): string {
  const link = prev === null ? 'null' : `"${prev}"`;
  return (
    `{"actor":${jsonOf(actor)},"city":${canonicalize(city)},"data":${jsonOf(data)},"id":"${id}",` +
    `"prev":${link},"schema":${schema},"stream":${canonicalize(stream)},"time":${canonicalize(time)},` +
    `"type":${canonicalize(type)},"v":1,"version":${version}}`
  );
}

/** Canonical JSON: what is in its order already is written in a third of the time. */
const jsonOf = (value: unknown): string =>
  isInOrder(value) ? JSON.stringify(value) : canonicalize(value);

/**
 * Whether JSON.stringify gives the canonical form of a value (RFC 8785, section 3.2): members in
 * the order of their UTF-16 code units, numbers and strings that have a form, and nothing that
 * JSON.stringify leaves out or replaces.
 */
function isInOrder(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return true;
    case 'object':
      return value === null || (Array.isArray(value) ? areInOrder(value) : membersInOrder(value));
    default:
      return false;
  }
}

function areInOrder(elements: readonly unknown[]): boolean {
  if (Object.getPrototypeOf(elements) !== Array.prototype) return false;
  for (let n = 0; n < elements.length; n++) if (!isInOrder(elements[n])) return false;
  return true;
}

function membersInOrder(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  const members = value as Readonly<Record<string, unknown>>;
  let before = '';
  for (const name in members) {
    if (name < before || !name.isWellFormed() || !isInOrder(members[name])) return false;
    before = name;
  }
  return true;
}

/**
 * A record as the store holds it. The body is parsed on first use, which saves the sealer, which
 * needs hashes alone, the cost.
 * @throws StoreDamaged from `body`, where the bytes are no record
 */
export class ReadRecord implements PositionedRecord {
  #body: RecordBody | undefined;

  constructor(
    readonly bytes: Uint8Array,
    readonly hash: string,
    readonly position: Position,
  ) {}

  get body(): RecordBody {
    this.#body ??= parse(this.bytes);
    return this.#body;
  }
}

/**
 * A record that this process has just written. Its bytes are made on first use: the sealer needs
 * its hash alone.
 */
export class WrittenRecord implements PositionedRecord {
  #read: ReadRecord | undefined;

  constructor(
    private readonly formed: FormedRecord,
    readonly position: Position,
  ) {}

  get hash(): string {
    return this.formed.hash;
  }
  get isOwn(): boolean {
    return true;
  }
  get bytes(): Uint8Array {
    return this.#asRead().bytes;
  }
  get body(): RecordBody {
    return this.#asRead().body;
  }
  /** About how many bytes it takes. */
  get size(): number {
    return this.formed.leaf.length;
  }

  #asRead(): ReadRecord {
    return (this.#read ??= new ReadRecord(bytesOf(this.formed), this.formed.hash, this.position));
  }
}

function parse(bytes: Uint8Array): RecordBody {
  try {
    return readRecord(bytes);
  } catch (cause) {
    throw new StoreDamaged('store_damaged', 'stored bytes are no record', {}, { cause });
  }
}

/** The leaf hash of stored bytes, in hexadecimal. */
export function storedHash(bytes: Uint8Array): string {
  const prefixed = Buffer.allocUnsafe(1 + bytes.length);
  prefixed[0] = 0;
  prefixed.set(bytes, 1);
  return hash('sha256', prefixed, 'hex');
}

/**
 * The answer to an append whose place is taken by `found`, as many records from `expected + 1` on
 * as the append has events: the first result where they are the same events, otherwise a conflict.
 * @throws VersionConflict, EventIdConflict
 */
export function answerTaken(
  stream: string,
  expected: number,
  events: readonly NewEvent[],
  found: readonly StoredRecord[],
): Appended {
  if (found[0]?.body.id !== events[0]?.id) throw new VersionConflict(stream, expected);
  const records = events.map((event, n) => {
    const record = found[n];
    if (record?.body.id !== event.id || !sameContent(record.body, event))
      throw new EventIdConflict(stream);
    return ToldRecord.found(record);
  });
  return { stream, records, repeated: true };
}

/** Whether two events have the same content, where an id is appended again. */
const sameContent = (
  a: Pick<NewEvent, 'type' | 'schema' | 'data'>,
  b: Pick<NewEvent, 'type' | 'schema' | 'data'>,
): boolean =>
  a.type === b.type && a.schema === b.schema && canonicalize(a.data) === canonicalize(b.data);
