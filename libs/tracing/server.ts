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

/** Requested every few seconds by monitoring, and of no use in traces. */
const isProbe = (path: string) => path.startsWith('/health/');

/**
 * Serves a request in a span of its own, in the trace that the city's own front door names, or in
 * none. A `traceparent` from outside is never read: it could choose what is sampled, join other
 * traces, and send 24 arbitrary bytes to the collector.
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
