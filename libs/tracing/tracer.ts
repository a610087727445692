import type { Tracer } from '@opentelemetry/api';

/**
 * The process's own tracer; null until tracing starts, so that untraced work costs one comparison.
 */
export const tracer: { current: Tracer | null } = { current: null };
