import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { lettingThrough } from './attributes.js';
import { tracer } from './tracer.js';

/** Asked every few seconds by whoever watches the process: of no interest to anybody afterwards. */
const isProbe = (path: string) => path.startsWith('/health/');

/**
 * Serves a request under a span of its own. Whose trace it belongs to is decided by who says so: the house's front door, which lets no
 * stranger's `traceparent` through, or nobody. A stranger's header is not read at all: it could choose what is sampled, join traces of
 * others, and carry 24 bytes of anything out to the collector.
 * @param fromFrontDoor whether requests come through the front door alone
 */
export function serveInSpan(
  request: IncomingMessage,
  response: ServerResponse,
  fromFrontDoor: boolean,
  serve: () => void,
): void {
  if (tracer.current === null || isProbe(request.url ?? '/')) {
    serve();
    return;
  }
  const parent = fromFrontDoor ? readTraceparent(request.headers['traceparent']) : null;
  const around = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const method = request.method ?? 'GET';
  const attributes = lettingThrough({ 'http.request.method': method });
  const span = tracer.current.startSpan(method, { kind: SpanKind.SERVER, attributes }, around);
  response.once('close', () => {
    const status = response.statusCode;
    span.setAttributes(lettingThrough({ 'http.response.status_code': status }));
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(around, span), serve);
}

/** Names the span of the request under way by its route's template. */
export function nameRoute(method: string, route: string): void {
  if (tracer.current === null) return;
  const span = trace.getActiveSpan();
  if (span === undefined) return;
  const named = lettingThrough({ 'http.route': route });
  span.setAttributes(named);
  if (named['http.route'] !== undefined) span.updateName(`${method} ${route}`);
}

/** W3C Trace Context, section 3.2: version 00 alone. Null for anything else. */
export function readTraceparent(header: string | string[] | undefined): SpanContext | null {
  if (typeof header !== 'string') return null;
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header);
  const [, traceId = '', spanId = '', flags = ''] = parts ?? [];
  const read = { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true };
  return parts !== null && isSpanContextValid(read) ? read : null;
}
