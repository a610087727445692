export { attributeNames, type Attributes } from './attributes.js';
export {
  inChildSpan,
  inSpan,
  noteOnSpan,
  type SpanKindName,
  traceId,
  traceparent,
} from './span.js';
export { nameRoute, serveInSpan } from './server.js';
