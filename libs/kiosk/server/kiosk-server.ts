import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AbsentError, InvalidError, RefusedError } from '#libs/kernel';
import { plainServer, problemOf, readAtMost } from '#libs/platform';
import type { DocumentReader } from '../document-reader.js';
import type { Printing } from '../printing.js';
import { forward } from './forwarding.js';

/** A request of another page or program than the kiosk's own. */
export class PageForeign extends RefusedError<'page_foreign'> {
  constructor() {
    super('page_foreign', 'only the page of this kiosk may ask its devices');
  }
}
/** The page was opened by an earlier start, or by somebody who does not know this one's secret. */
export class KioskSecretWrong extends RefusedError<'kiosk_secret_wrong'> {
  constructor() {
    super('kiosk_secret_wrong', 'the page does not know the secret of this start');
  }
}
class RouteUnknown extends AbsentError<'route_unknown'> {}
class MethodNotAllowed extends InvalidError<'method_not_allowed'> {}
class ContentTypeUnsupported extends InvalidError<'content_type_unsupported'> {}

/** One page of text and seals takes some 120 KB; this is for twenty with photographs. */
const maxDocumentBytes = 16 * 1024 * 1024;

/** What the page needs of the city, and nothing else of it. */
const ofCity = /^\/(kiosk|assets|v1|identity|log|guides)(\/|$)|^\/kiosk-|^\/icon\.svg$/;

/** A connection that says nothing for longer is taken for lost by what stands between. */
const heartbeatMs = 2000;

export interface KioskDevices {
  /** Under which the kiosk's browser opens its page, as `http://localhost:8377`. */
  readonly origin: string;
  readonly city: URL;
  /** New at each start; in the fragment of the page's address, and in no other place. */
  readonly secret: string;
  readonly printing: Printing;
  readonly reader: DocumentReader | null;
  /** What the page is told of printer, reader, city and machine. */
  readonly state: () => Promise<object>;
  readonly report: (error: unknown) => void;
  /** Ends streams of events, which would otherwise hold up a stop. */
  readonly closing: AbortSignal;
}

/**
 * What the kiosk's browser reaches, and all that it has to reach: its page and the city's routes,
 * handed on, and below `/device/` the devices. One origin for both, so that no page of another can
 * ask and no rule of browsers has to be loosened.
 */
export function kioskServer(devices: KioskDevices): Server {
  return plainServer((request, response) => {
    answer(devices, request, response).catch((error: unknown) => {
      const { problem, headers } = problemOf(error, randomUUID());
      if (problem.status === 500) devices.report(error);
      if (response.headersSent) response.destroy();
      else send(response, problem.status, problem, { ...headers, 'Content-Type': problemType });
    });
  });
}

const problemType = 'application/problem+json; charset=utf-8';

async function answer(
  devices: KioskDevices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin, city } = devices;
  const path = request.url ?? '/';
  const url = new URL(path, origin);
  if (/^\/health\/(live|ready)$/.test(url.pathname)) {
    send(response, 200, { status: 'ok' });
    return;
  }
  // Another name that leads here is one that another page chose (DNS rebinding).
  if (request.headers.host !== new URL(origin).host) throw new PageForeign();
  if (!url.pathname.startsWith('/device/')) {
    // What is asked for in one spelling and found in another could be more than the page's.
    const isPlain = url.origin === origin && url.pathname === path.split('?', 1)[0];
    if (!isPlain || !ofCity.test(url.pathname))
      throw new RouteUnknown('route_unknown', 'no such route');
    await forward(request, response, city);
    return;
  }
  mustBeOwnPage(devices, request);
  await device(devices, request, response, url);
}

/** @throws PageForeign, KioskSecretWrong */
function mustBeOwnPage({ origin, secret }: KioskDevices, { headers }: IncomingMessage): void {
  const from = headers['sec-fetch-site'];
  if (headers.origin !== undefined && headers.origin !== origin) throw new PageForeign();
  if (from !== undefined && from !== 'same-origin') throw new PageForeign();
  const told = Buffer.from(String(headers['kiosk-secret'] ?? ''));
  const wanted = Buffer.from(secret);
  if (told.length !== wanted.length || !timingSafeEqual(told, wanted)) throw new KioskSecretWrong();
}

async function device(
  { printing, reader, state, closing }: KioskDevices,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [, , kind = '', id = '', what = '', more] = url.pathname.split('/');
  const route = more === undefined ? [kind, id === '' ? '' : ':id', what].join('/') : '';
  const is = (method: string, wanted: string): boolean => {
    if (route !== wanted) return false;
    if (request.method === method) return true;
    throw new MethodNotAllowed('method_not_allowed', 'this route does not take this method');
  };
  if (is('GET', 'state//')) {
    send(response, 200, await state());
  } else if (is('POST', 'document//')) {
    const document = reader === null ? null : await reader.take();
    send(response, 200, { document });
  } else if (is('POST', 'prints/:id/')) {
    if (request.headers['content-type'] !== 'application/pdf')
      throw new ContentTypeUnsupported('content_type_unsupported', 'a print is an application/pdf');
    const document = await readAtMost(request, maxDocumentBytes);
    await printing.print(id, Number(url.searchParams.get('pages')), document);
    send(response, 202, { id });
  } else if (is('POST', 'prints/:id/cancel')) {
    await printing.cancel(id);
    send(response, 202, { id });
  } else if (is('GET', 'prints/:id/events')) {
    tell(printing, id, response, closing);
  } else throw new RouteUnknown('route_unknown', 'no such route');
}

/** Server-sent events: each state of the print, and the end of the stream with its last. */
function tell(
  printing: Printing,
  id: string,
  response: ServerResponse,
  closing: AbortSignal,
): void {
  const beat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  let stop: () => void = () => undefined;
  const end = () => response.end();
  closing.addEventListener('abort', end, { once: true });
  response.once('close', () => {
    closing.removeEventListener('abort', end);
    clearInterval(beat);
    stop();
  });
  try {
    stop = printing.follow(id, (news) => {
      if (!response.headersSent)
        response.writeHead(200, {
          'Content-Type': 'text/event-stream',
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
        });
      response.write(`event: print\ndata: ${JSON.stringify(news)}\n\n`);
      if (news.is === 'ended' && news.page !== 'in-output') response.end();
    });
  } catch (error) {
    clearInterval(beat);
    throw error;
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(text);
}
