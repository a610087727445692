import type { Tracer } from '@opentelemetry/api';

/** The process's own tracer; null until one is started, so that what is not traced costs a comparison. */
export const tracer: { current: Tracer | null } = { current: null };
