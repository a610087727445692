import { randomUUID } from 'node:crypto';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type { Empty, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import googleEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { JsonObject } from '#libs/kernel';
import { bytesOf, type FormedRecord } from '../forming.js';
import { NONE, type Position, START } from '../port.js';

/** The messages that go to the server, in its own definitions (event_store.client.streams). */

/**
 * How many events of $all the server looks at for one page of a filtered read or between two
 * checkpoints of a subscription.
 */
const searchWindow = 2000;

const empty = (): Empty => new sharedMessages.Empty();

/** A record to be sent: its bytes and the metadata for the server. */
export interface Outgoing {
  readonly record: FormedRecord;
  readonly type: string;
}

/**
 * One append: `records` atomically, after the event that the server numbered `expected`, with each
 * leaf hash as metadata. The server's event ids are made here for each append and reused for its
 * retries, because the server would answer "written" for one of the ledger's ids with other
 * content.
 */
export function appendRequest(
  name: string,
  expected: number,
  records: readonly Outgoing[],
): BatchAppendReq {
  return append(
    name,
    expected,
    records.map(({ record, type }) => {
      const message = proposed(type, 'application/octet-stream', bytesOf(record));
      message.setCustomMetadata(Buffer.from(record.hash, 'hex'));
      return message;
    }),
  );
}

/** One event of the server's own streams, as JSON: settings, metadata of a stream. */
export const eventRequest = (
  name: string,
  expected: number,
  type: string,
  content: JsonObject,
): BatchAppendReq =>
  append(name, expected, [
    proposed(type, 'application/json', Buffer.from(JSON.stringify(content))),
  ]);

function append(
  name: string,
  expected: number,
  list: BatchAppendReq.ProposedMessage[],
): BatchAppendReq {
  const options = new messages.BatchAppendReq.Options();
  options.setStreamIdentifier(identifier(name));
  if (expected === NONE) options.setNoStream(new googleEmpty.Empty());
  else options.setStreamPosition(String(expected));
  const request = new messages.BatchAppendReq();
  request.setCorrelationId(uuid());
  request.setOptions(options);
  request.setProposedMessagesList(list);
  request.setIsFinal(true);
  return request;
}

function proposed(
  type: string,
  contentType: string,
  data: Uint8Array,
): BatchAppendReq.ProposedMessage {
  const message = new messages.BatchAppendReq.ProposedMessage();
  message.setId(uuid());
  message.getMetadataMap().set('type', type).set('content-type', contentType);
  message.setData(data);
  return message;
}

/** All events of a stream from version `from` on. */
export function readStreamRequest(name: string, from: number, limit?: number): ReadReq {
  const stream = new messages.ReadReq.Options.StreamOptions();
  stream.setStreamIdentifier(identifier(name));
  stream.setRevision(String(from));
  const options = readOptions();
  options.setStream(stream);
  options.setCount(limit === undefined ? maxEvents : String(limit));
  options.setNoFilter(empty());
  return request(options);
}

/** The last events of a stream, the last one first. */
export function streamEndRequest(name: string, limit = 1): ReadReq {
  const stream = new messages.ReadReq.Options.StreamOptions();
  stream.setStreamIdentifier(identifier(name));
  stream.setEnd(empty());
  const options = readOptions();
  options.setStream(stream);
  options.setReadDirection(BACKWARDS);
  options.setCount(String(limit));
  options.setNoFilter(empty());
  return request(options);
}

/**
 * Events of streams whose names begin with one of `prefixes`, from the one at `from` on, inclusive.
 */
export function readAllRequest(
  prefixes: readonly string[],
  from: Position,
  limit: number,
): ReadReq {
  const options = readOptions();
  options.setAll(allFrom(from));
  options.setCount(String(limit));
  options.setFilter(namesBeginningWith(prefixes));
  return request(options);
}

/**
 * The last event of the store; with `prefixes`, of the streams whose names begin with one of them.
 */
export function endRequest(prefixes?: readonly string[]): ReadReq {
  const all = new messages.ReadReq.Options.AllOptions();
  all.setEnd(empty());
  const options = readOptions();
  options.setAll(all);
  options.setReadDirection(BACKWARDS);
  options.setCount('1');
  if (prefixes === undefined) options.setNoFilter(empty());
  else options.setFilter(namesBeginningWith(prefixes));
  return request(options);
}

/** The first event of a stream that is neither the server's own nor begins with `prefix`. */
export function othersRequest(prefix: string): ReadReq {
  const expression = new messages.ReadReq.Options.FilterOptions.Expression();
  expression.setRegex(`^(?!\\$|${prefix.replace(/[^A-Za-z0-9/-]/g, '\\$&')})`);
  const filter = filterBy(expression);
  const options = readOptions();
  options.setAll(allFrom(START));
  options.setCount('1');
  options.setFilter(filter);
  return request(options);
}

/**
 * A subscription to events of streams whose names begin with one of `prefixes`, after the one at
 * `after`, exclusive.
 */
export function subscribeRequest(prefixes: readonly string[], after: Position): ReadReq {
  const options = readOptions();
  options.setAll(allFrom(after));
  options.setSubscription(new messages.ReadReq.Options.SubscriptionOptions());
  options.setFilter(namesBeginningWith(prefixes));
  return request(options);
}

const { FORWARDS, BACKWARDS } = messages.ReadReq.Options.ReadDirection;
const maxEvents = String(Number.MAX_SAFE_INTEGER);

function request(options: ReadReq.Options): ReadReq {
  const made = new messages.ReadReq();
  made.setOptions(options);
  return made;
}

function readOptions(): ReadReq.Options {
  const uuids = new messages.ReadReq.Options.UUIDOption();
  uuids.setString(empty());
  const options = new messages.ReadReq.Options();
  options.setReadDirection(FORWARDS);
  options.setResolveLinks(false);
  options.setUuidOption(uuids);
  return options;
}

/**
 * Commit and prepare position are equal for the ledger's appends: see `records.ts`. No record is at
 * 0, where the log's own first entry is.
 */
function allFrom(position: Position): ReadReq.Options.AllOptions {
  const all = new messages.ReadReq.Options.AllOptions();
  if (position === START) all.setStart(empty());
  else {
    const at = new messages.ReadReq.Options.Position();
    at.setCommitPosition(String(position));
    at.setPreparePosition(String(position));
    all.setPosition(at);
  }
  return all;
}

function namesBeginningWith(prefixes: readonly string[]): ReadReq.Options.FilterOptions {
  const expression = new messages.ReadReq.Options.FilterOptions.Expression();
  expression.setPrefixList([...prefixes]);
  return filterBy(expression);
}

function filterBy(
  expression: ReadReq.Options.FilterOptions.Expression,
): ReadReq.Options.FilterOptions {
  const filter = new messages.ReadReq.Options.FilterOptions();
  filter.setStreamIdentifier(expression);
  filter.setMax(searchWindow);
  filter.setCheckpointintervalmultiplier(1);
  return filter;
}

function identifier(name: string) {
  const made = new sharedMessages.StreamIdentifier();
  made.setStreamName(Buffer.from(name));
  return made;
}

function uuid(): UUID {
  const made = new sharedMessages.UUID();
  made.setString(randomUUID());
  return made;
}
