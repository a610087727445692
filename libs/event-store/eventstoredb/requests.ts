import { randomUUID } from 'node:crypto';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type { Empty, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import googleEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import { bytesOf, type FormedRecord } from '../forming.js';
import { NONE, type Position, START } from '../port.js';

/** The messages that go to the server, in its own definitions (event_store.client.streams). */

/** How many events of $all the server looks at for one page of a filtered read or between two checkpoints of a subscription. */
const searchWindow = 2000;

const empty = (): Empty => new sharedMessages.Empty();

/** A record on its way: its bytes, and what the server is told of them. */
export interface Outgoing {
  readonly record: FormedRecord;
  readonly type: string;
}

/**
 * One append: `records` whole or not at all, behind version `expected`. The ids by which the server knows its events are made here, anew for
 * each append and kept for its repetitions: the server would answer "written" to the same id with other content, so ours are not given to it.
 * The leaf hash stands beside each record as its metadata.
 */
export function appendRequest(
  name: string,
  expected: number,
  records: readonly Outgoing[],
): BatchAppendReq {
  const options = new messages.BatchAppendReq.Options();
  options.setStreamIdentifier(identifier(name));
  if (expected === NONE) options.setNoStream(new googleEmpty.Empty());
  else options.setStreamPosition(String(expected));
  const request = new messages.BatchAppendReq();
  request.setCorrelationId(uuid());
  request.setOptions(options);
  request.setProposedMessagesList(
    records.map(({ record, type }) => {
      const message = new messages.BatchAppendReq.ProposedMessage();
      message.setId(uuid());
      message.getMetadataMap().set('type', type).set('content-type', 'application/octet-stream');
      message.setData(bytesOf(record));
      message.setCustomMetadata(Buffer.from(record.hash, 'hex'));
      return message;
    }),
  );
  request.setIsFinal(true);
  return request;
}

/** All events of a stream from version `from` on. */
export function readStreamRequest(name: string, from: number, limit?: number): ReadReq {
  const stream = new messages.ReadReq.Options.StreamOptions();
  stream.setStreamIdentifier(identifier(name));
  stream.setRevision(String(from));
  const options = readOptions();
  options.setStream(stream);
  options.setCount(limit === undefined ? mostEvents : String(limit));
  options.setNoFilter(empty());
  return request(options);
}

/** The last event of a stream. */
export function streamEndRequest(name: string): ReadReq {
  const stream = new messages.ReadReq.Options.StreamOptions();
  stream.setStreamIdentifier(identifier(name));
  stream.setEnd(empty());
  const options = readOptions();
  options.setStream(stream);
  options.setReadDirection(BACKWARDS);
  options.setCount('1');
  options.setNoFilter(empty());
  return request(options);
}

/** Events of streams whose names begin with `prefix`, from the one at `from` on, that one included. */
export function readAllRequest(prefix: string, from: Position, limit: number): ReadReq {
  const options = readOptions();
  options.setAll(allFrom(from));
  options.setCount(String(limit));
  options.setFilter(namesBeginningWith(prefix));
  return request(options);
}

/** The last event of all; of those whose streams begin with `prefix`, where one is given. */
export function endRequest(prefix?: string): ReadReq {
  const all = new messages.ReadReq.Options.AllOptions();
  all.setEnd(empty());
  const options = readOptions();
  options.setAll(all);
  options.setReadDirection(BACKWARDS);
  options.setCount('1');
  if (prefix === undefined) options.setNoFilter(empty());
  else options.setFilter(namesBeginningWith(prefix));
  return request(options);
}

/** A subscription to events of streams whose names begin with `prefix`, behind the one at `after`, that one not included. */
export function subscribeRequest(prefix: string, after: Position): ReadReq {
  const options = readOptions();
  options.setAll(allFrom(after));
  options.setSubscription(new messages.ReadReq.Options.SubscriptionOptions());
  options.setFilter(namesBeginningWith(prefix));
  return request(options);
}

const { FORWARDS, BACKWARDS } = messages.ReadReq.Options.ReadDirection;
const mostEvents = String(Number.MAX_SAFE_INTEGER);

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

/** Commit and prepare position of what was appended as ours is are the same: see `records.ts`. No record stands at 0, where the log's own first entry is. */
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

function namesBeginningWith(prefix: string): ReadReq.Options.FilterOptions {
  const expression = new messages.ReadReq.Options.FilterOptions.Expression();
  expression.setPrefixList([prefix]);
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
