import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { UnavailableError } from '#libs/kernel';

/** The city gave no answer: whether it did what was asked is not known. */
export class CityAway extends UnavailableError<'city_away'> {
  constructor(cause: unknown) {
    super('city_away', 'the city does not answer', {}, { cause });
  }
}

/** RFC 9110, section 7.6.1: between two neighbours only. */
const ofTheConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // Between the page and this program, too.
  'kiosk-secret',
]);

/** Until the head of an answer; a stream of events then lasts as long as it likes. */
const patienceMs = 30_000;

/**
 * Hands a request of the kiosk's page to the city, and the answer back as it comes. Nothing is
 * tried again: the page repeats a command under its Idempotency-Key.
 * @throws CityAway while nothing of an answer was written
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  city: URL,
): Promise<void> {
  const answered = Promise.withResolvers<IncomingMessage>();
  const send = city.protocol === 'https:' ? requestHttps : requestHttp;
  const onwards = send({
    host: city.hostname.replace(/^\[|\]$/g, ''),
    port: city.port,
    // Never resolved as a URL: a path can look like another host.
    path: request.url,
    method: request.method,
    agent: false,
    headers: { ...passing(request.headers), host: city.host },
  });
  const late = setTimeout(() => onwards.destroy(), patienceMs);
  // The page has gone: nobody waits for the answer.
  response.once('close', () => onwards.destroy());
  onwards.once('response', answered.resolve);
  onwards.on('error', answered.reject);
  onwards.once('close', () => {
    answered.reject(new Error('closed'));
  });
  pipeline(request, onwards).catch(answered.reject);
  let answer: IncomingMessage;
  try {
    answer = await answered.promise;
  } catch (cause) {
    throw new CityAway(cause);
  } finally {
    clearTimeout(late);
  }
  response.writeHead(answer.statusCode ?? 502, passing(answer.headers));
  response.flushHeaders();
  // One that breaks off breaks off here, too.
  await pipeline(answer, response).catch(() => response.destroy());
}

const passing = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheConnection.has(name)));
