import {
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { ProductError } from '#libs/kernel';
import { type Attributes, lettingThrough } from './attributes.js';
import { tracer } from './tracer.js';

/** `internal` is work of this process; `client` is a request to another one. */
export type SpanKindName = 'internal' | 'client';

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/**
 * Runs `work` under a span that is a child of the one under way, or the first of a trace. Where
 * nothing is traced it only runs `work`.
 * @param name a class, a route template or another fixed word; never anything of a request
 */
export function inSpan<Result>(
  name: string,
  attributes: Attributes,
  work: () => Promise<Result>,
  kind: SpanKindName = 'internal',
): Promise<Result> {
  if (tracer.current === null) return work();
  const span = tracer.current.startSpan(name, {
    kind: kinds[kind],
    attributes: lettingThrough(attributes),
  });
  return context.with(trace.setSpan(context.active(), span), () => ended(span, work));
}

/** The same, but only within a span: for work that is also done periodically, without a request. */
export function inChildSpan<Result>(
  name: string,
  attributes: Attributes,
  work: () => Promise<Result>,
): Promise<Result> {
  if (tracer.current === null || trace.getActiveSpan() === undefined) return work();
  return inSpan(name, attributes, work);
}

async function ended<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    describe(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/**
 * The code of a product error, the class of any other; messages may hold personal data. A caller's
 * mistake is no failure of the service.
 */
function describe(span: Span, error: unknown): void {
  if (error instanceof ProductError) {
    span.setAttributes(lettingThrough({ 'mianzheng.code': error.code as string }));
    if (error.family !== 'internal' && error.family !== 'unavailable') return;
  } else {
    const type = error instanceof Error ? error.name : typeof error;
    span.setAttributes(lettingThrough({ 'error.type': type }));
  }
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Adds attributes to the current span. */
export function noteOnSpan(attributes: Attributes): void {
  if (tracer.current === null) return;
  trace.getActiveSpan()?.setAttributes(lettingThrough(attributes));
}

/** The current trace, for log lines; undefined where there is none. */
export function traceId(): string | undefined {
  return tracer.current === null ? undefined : trace.getActiveSpan()?.spanContext().traceId;
}

/**
 * W3C Trace Context: the header for an outgoing request; absent where nothing is traced. No
 * `tracestate`, no `baggage`.
 */
export function traceparent(within: Context = context.active()): { traceparent?: string } {
  const span = tracer.current === null ? undefined : trace.getSpanContext(within);
  if (span === undefined) return {};
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  return { traceparent: `00-${span.traceId}-${span.spanId}-${flags}` };
}
