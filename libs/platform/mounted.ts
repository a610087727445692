import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { nameRoute } from '#libs/tracing';
import type { ProcessMetrics } from './metrics.js';

/** A handler of plain HTTP that serves everything below `prefix`, such as the identity service's. */
export interface MountedHandler {
  readonly prefix: string;
  readonly handler: RequestListener;
  /** Its paths, none with a part that varies; every other one is shown as `<prefix>/*`. */
  readonly paths?: readonly string[];
}

/** Counts and names what goes by the framework. */
export function serveMounted(
  { prefix, handler, paths = [] }: MountedHandler,
  request: IncomingMessage,
  response: ServerResponse,
  metrics: ProcessMetrics | undefined,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '';
  const route = paths.includes(path) ? path : `${prefix}/*`;
  const { method = 'GET' } = request;
  nameRoute(method, route);
  const end = metrics?.requests.startTimer({ method, route });
  response.once('close', () => end?.({ status: response.statusCode }));
  handler(request, response);
}
