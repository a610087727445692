import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as plainRequest,
  type ServerResponse,
} from 'node:http';
import { request as tlsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { InvalidError, UnavailableError } from '#libs/kernel';
import { BodyTooLarge } from '#libs/platform';
import { traceparent } from '#libs/tracing';
import type { Backend, Backends } from './backends.js';
import type { Service } from './settings.js';

/** No process of a service took the connection: nothing was sent. */
export class ServiceAway extends UnavailableError<'service_away'> {}

/** A process took the request and did not answer: it is unknown whether it was executed. */
export class AnswerLost extends UnavailableError<'answer_lost'> {}

/** A question that brings a body along: no route of the city takes one. */
export class BodyUnexpected extends InvalidError<'body_unexpected'> {}

/** A batch of certificates is the largest body that there is. */
const maxBodyBytes = 16 * 1024 * 1024;
const connectPatienceMs = 2000;
/** Longer than a service works on any request. */
const answerPatienceMs = 120_000;

/**
 * RFC 9110, section 7.6.1: between two neighbours only. Where a body ends (RFC 9112, section 6) is
 * between two neighbours, too: see `framing`.
 */
const ofTheConnection = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/**
 * What callers say about where they come from, and what only we say. The services believe none of
 * it; it does not even reach them.
 */
const notForServices = new Set([
  'host',
  'expect',
  'forwarded',
  'traceparent',
  'tracestate',
  'baggage',
]);

/**
 * Hands a request to the next process of a service, and its answer back; a process that takes no
 * connection is passed over. Once a byte may have reached one, only a request that changes nothing
 * and carries no proof is sent again: the caller repeats any other, under the same Idempotency-Key.
 * @throws ServiceAway, AnswerLost, BodyTooLarge, BodyUnexpected, while nothing of an answer was
 * written
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  backends: Backends,
): Promise<void> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxBodyBytes) throw tooLarge();
  if (hasBody(request) && onlyReads(request.method))
    throw new BodyUnexpected('body_unexpected', 'a request that only reads has no body');
  const { service } = backends;
  for (const backend of backends.inTurn()) {
    for (const kept of [true, false]) {
      const outgoing = await connect(request, backend, kept);
      if (outgoing === null) {
        backend.refused();
        break; // to the next one
      }
      try {
        await exchange(request, response, outgoing, backend);
        return;
      } catch (error) {
        if (response.destroyed) return; // the client disconnected
        if (error instanceof BodyTooLarge || response.headersSent) throw error;
        if (!outgoing.reusedSocket || !mayBeRepeated(request)) throw answerLost(service, error);
        // The other end had closed the kept connection: once more, over a fresh one.
      }
    }
  }
  throw new ServiceAway(
    'service_away',
    'the service that answers this does not run at the moment; it was sent nothing',
    { service },
    { retryAfterSeconds: 1, hint: 'Send the same request again.' },
  );
}

const onlyReads = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

/** Whether a body follows the head of a request. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;

/**
 * It changes nothing, and proves nothing: a proof is good for once, also where its answer was lost,
 * so that only the caller can make another.
 */
const mayBeRepeated = (request: IncomingMessage): boolean =>
  onlyReads(request.method) && request.headers['dpop'] === undefined;

const answerLost = (service: Service, cause: unknown) =>
  new AnswerLost(
    'answer_lost',
    'the service went away before it answered; whether the request was carried out is not known',
    { service },
    {
      cause,
      retryAfterSeconds: 1,
      hint: 'Send the same request again under the same Idempotency-Key: what was carried out is not done twice.',
    },
  );

const tooLarge = () =>
  new BodyTooLarge('body_too_large', 'the body is larger than any route takes', {
    limit: maxBodyBytes,
  });

/** An unsent request on an established connection; null where there is none. */
function connect(
  request: IncomingMessage,
  { url, agent }: Backend,
  kept: boolean,
): Promise<ClientRequest | null> {
  const tls = url.protocol === 'https:';
  const outgoing = (tls ? tlsRequest : plainRequest)(url, {
    agent: kept && agent,
    ...(request.method !== undefined && { method: request.method }),
    path: request.url ?? '/',
    headers: headersFor(request),
  });
  const { promise, resolve } = Promise.withResolvers<ClientRequest | null>();
  const timer = setTimeout(() => outgoing.destroy(), connectPatienceMs);
  const settle = (found: ClientRequest | null) => {
    clearTimeout(timer);
    resolve(found);
  };
  outgoing.on('error', () => undefined); // reported by the pending wait, or by the following end
  outgoing.once('close', () => {
    settle(null);
  });
  outgoing.once('socket', (socket) => {
    if (outgoing.reusedSocket || (!tls && !socket.connecting)) settle(outgoing);
    else
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        settle(outgoing);
      });
  });
  return promise;
}

/** Sends the request, whose connection stands, and passes the answer on as it comes. */
async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  outgoing: ClientRequest,
  backend: Backend,
): Promise<void> {
  backend.awaits(outgoing);
  const answered = Promise.withResolvers<IncomingMessage>();
  outgoing.once('response', answered.resolve);
  outgoing.once('error', answered.reject);
  outgoing.once('close', () => {
    answered.reject(new AnswerLost('answer_lost', 'the connection ended without an answer'));
  });
  outgoing.setTimeout(answerPatienceMs, () => outgoing.destroy());
  const left = () => {
    if (!response.writableFinished) outgoing.destroy();
  };
  response.once('close', left);
  try {
    if (hasBody(request))
      send(request, outgoing).catch((error: unknown) => {
        answered.reject(error);
        outgoing.destroy();
      });
    else outgoing.end();
    // A service may answer before it has read everything: its answer counts.
    const answer = await answered.promise;
    response.writeHead(answer.statusCode ?? 502, answerHeaders(answer));
    await pipeline(answer, response);
  } finally {
    response.off('close', left);
  }
}

/** Leaves the incoming stream open, whatever happens: its connection also carries the answer. */
async function send(request: IncomingMessage, outgoing: ClientRequest): Promise<void> {
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw tooLarge();
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await drained(outgoing);
  }
  outgoing.end();
}

function drained(outgoing: ClientRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const go = () => {
    outgoing.off('drain', go).off('close', go);
    resolve(undefined);
  };
  outgoing.on('drain', go).on('close', go);
  return promise;
}

function headersFor(request: IncomingMessage): OutgoingHttpHeaders {
  const { headers } = request;
  const own = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/));
  const passed = Object.entries(headers).filter(
    ([name]) =>
      !ofTheConnection.has(name) &&
      !own.has(name) &&
      !notForServices.has(name) &&
      !name.startsWith('x-forwarded-'),
  );
  return { ...Object.fromEntries(passed), ...traceparent(), ...framing(request) };
}

/**
 * The body's framing is written anew, in one of two forms, from what is read of it here; a request
 * that only reads has none. Callers cannot remove it (`Connection: content-length`), which prevents
 * request smuggling on connections that many callers share.
 */
function framing({ method, headers }: IncomingMessage): OutgoingHttpHeaders {
  if (onlyReads(method)) return {};
  if (headers['transfer-encoding'] !== undefined) return { 'transfer-encoding': 'chunked' };
  return { 'content-length': Number(headers['content-length'] ?? 0) };
}

const answerHeaders = ({ headers }: IncomingMessage): OutgoingHttpHeaders =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name === 'content-length' || !ofTheConnection.has(name),
    ),
  );
