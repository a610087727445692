import { once } from 'node:events';
import { Metadata, type ServerWritableStream, status } from '@grpc/grpc-js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { DoubleEvent, ReadableLog } from './log.js';
import { caughtUp, checkpoint, confirmation, eventMessage, streamNotFound } from './messages.js';

type Call = ServerWritableStream<ReadReq, ReadResp>;

/** Who sleeps until something is appended, and how many events were handed out so far. */
export interface Subscribers {
  readonly waiting: Set<() => void>;
  sent: number;
}

/** The stream that is asked for, or "$all". */
export function nameRead({ request }: Call): string {
  const stream = request.getOptions()?.getStream();
  return stream === undefined ? '$all' : textOf(stream.getStreamIdentifier()?.getStreamName_asU8());
}

/** Answers one read or subscription, never faster than its reader takes it. */
export async function answerRead(
  call: Call,
  log: ReadableLog,
  subscribers: Subscribers,
): Promise<void> {
  const ended = new AbortController();
  call.on('cancelled', () => {
    ended.abort();
  });
  call.on('error', () => {
    ended.abort();
  });
  const send = async (response: ReadResp) => {
    if (call.write(response)) return;
    await once(call, 'drain', { signal: ended.signal }).catch(() => undefined);
  };
  const options = call.request.getOptions();
  if (positionOf(options?.getAll()) > (log.at(log.length - 1)?.position ?? 0n)) {
    call.emit('error', { code: status.INVALID_ARGUMENT, details: 'no such position' });
    return;
  }
  if (options?.hasSubscription())
    await follow(options, log, subscribers, send, ended.signal).catch(() => undefined);
  else
    try {
      for (const response of found(options, log)) {
        if (ended.signal.aborted) return;
        if (response.hasEvent()) subscribers.sent++;
        await send(response);
      }
    } catch (error) {
      call.emit('error', error);
      return;
    }
  if (!ended.signal.aborted) call.end();
}

/** As the server refuses to read a stream that was deleted for good. */
function streamDeleted(name: string): Error {
  const metadata = new Metadata();
  metadata.set('exception', 'stream-deleted');
  metadata.set('stream-name', name);
  return Object.assign(new Error('stream deleted'), {
    code: status.FAILED_PRECONDITION,
    details: `Event stream '${name}' is deleted.`,
    metadata,
  });
}

function* found(options: ReadReq.Options | undefined, log: ReadableLog): Generator<ReadResp> {
  const backwards =
    options?.getReadDirection() === messages.ReadReq.Options.ReadDirection.BACKWARDS;
  let left = Number(options?.getCount());
  const stream = options?.getStream();
  if (stream !== undefined) {
    const name = textOf(stream.getStreamIdentifier()?.getStreamName_asU8());
    if (log.isTombstone?.(name) === true) throw streamDeleted(name);
    const events = log.stream(name);
    if (events.length === 0) {
      yield streamNotFound(name);
      return;
    }
    const first = stream.hasStart() ? 0 : Number(stream.getRevision());
    const list = backwards
      ? events.filter(({ revision }) => stream.hasEnd() || revision <= first).reverse()
      : events.filter(({ revision }) => !stream.hasEnd() && revision >= first);
    for (const event of list.slice(0, left)) yield eventMessage(event);
    return;
  }
  const all = options?.getAll();
  const fits = filterOf(options);
  const from = log.indexFrom(positionOf(all));
  if (backwards) {
    const last = all?.hasEnd() ? log.length - 1 : from;
    for (let n = last; n >= 0 && left > 0; n--) {
      const event = log.at(n);
      if (event === undefined || !fits(event)) continue;
      left--;
      yield eventMessage(event);
    }
    return;
  }
  for (let n = all?.hasEnd() ? log.length : from; n < log.length && left > 0; n++) {
    const event = log.at(n);
    if (event === undefined || !fits(event)) continue;
    left--;
    yield eventMessage(event);
  }
}

async function follow(
  options: ReadReq.Options,
  log: ReadableLog,
  subscribers: Subscribers,
  send: (response: ReadResp) => Promise<void>,
  ended: AbortSignal,
): Promise<void> {
  const all = options.getAll();
  const fits = filterOf(options);
  const after = positionOf(all);
  let next = all?.hasEnd() ? log.length : log.indexFrom(after);
  if (log.at(next)?.position === after) next++;
  await send(confirmation());
  let behind = true;
  while (!ended.aborted) {
    const event = log.at(next);
    if (event !== undefined) {
      next++;
      if (fits(event)) {
        subscribers.sent++;
        await send(eventMessage(event));
      } else if (next % 100 === 0) await send(checkpoint(event.position));
      continue;
    }
    if (behind) await send(caughtUp());
    behind = false;
    await new Promise<void>((resolve) => {
      const wake = () => {
        subscribers.waiting.delete(wake);
        ended.removeEventListener('abort', wake);
        resolve();
      };
      subscribers.waiting.add(wake);
      ended.addEventListener('abort', wake, { once: true });
      if (log.length > next || ended.aborted) wake();
    });
  }
}

function filterOf(options: ReadReq.Options | undefined): (event: DoubleEvent) => boolean {
  const filter = options?.getFilter();
  if (filter === undefined) return () => true;
  const byName = filter.getStreamIdentifier();
  const expression = byName ?? filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const pattern = new RegExp(expression?.getRegex() ?? '', 'u');
  return (event) => {
    const text = byName === undefined ? event.type : event.stream;
    return prefixes.length > 0
      ? prefixes.some((prefix) => text.startsWith(prefix))
      : pattern.test(text);
  };
}

const positionOf = (all: ReadReq.Options.AllOptions | undefined): bigint =>
  BigInt(all?.getPosition()?.getCommitPosition() ?? 0);

const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
