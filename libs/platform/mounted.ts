import { IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { nameRoute } from '#libs/tracing';
import { readAtMost } from './body.js';
import type { ProcessMetrics } from './metrics.js';
import { openBodyLimit, type OpenRoutes } from './open-routes.js';

/**
 * A handler of plain HTTP that serves everything below `prefix`, such as the identity service's. It
 * needs no access token, because it issues them.
 */
export interface MountedHandler {
  readonly prefix: string;
  readonly handler: RequestListener;
  /** Its constant paths; every other one is shown as `<prefix>/*`. */
  readonly paths?: readonly string[];
}

/** What runs before each mounted handler. */
export interface BeforeMounted {
  readonly metrics: ProcessMetrics | undefined;
  readonly openRoutes: OpenRoutes | undefined;
  readonly answer: (error: unknown, response: ServerResponse, method: string) => void;
}

/**
 * Counts, names and limits requests outside the framework, like open routes. The handler is called
 * once the body has arrived.
 */
export function serveMounted(
  { prefix, handler, paths = [] }: MountedHandler,
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, openRoutes, answer }: BeforeMounted,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '';
  const route = paths.includes(path) ? path : `${prefix}/*`;
  const { method = 'GET' } = request;
  nameRoute(method, route);
  const end = metrics?.requests.startTimer({ method, route });
  response.once('close', () => end?.({ status: response.statusCode }));
  response.setHeader('x-content-type-options', 'nosniff');
  const serve = async () => {
    openRoutes?.count(request);
    const body = await readAtMost(request, openBodyLimit);
    if ((await openRoutes?.enter(response)) === false) return;
    handler(whole(request, body), response);
  };
  serve().catch((error: unknown) => {
    answer(error, response, method);
  });
}

/** The same request, whose body has arrived. */
function whole(request: IncomingMessage, body: Buffer): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } =
    request;
  Object.assign(copy, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders });
  copy.headers = { ...headers };
  delete copy.headers['transfer-encoding'];
  if (body.length > 0) copy.headers['content-length'] = String(body.length);
  copy.push(body);
  copy.push(null);
  copy.complete = true;
  return copy;
}
