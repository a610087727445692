import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { type Facts, type Family, ProductError, UnavailableError } from '#libs/kernel';
import { noteOnSpan } from '#libs/tracing';
import type { Called } from './access.js';
import { type Log, unexpected } from './log.js';
import type { Metrics } from './metrics.js';

/** RFC 9457. `code` is stable and is what programs switch on; `type` is it as a relative URI; `request` finds the log line. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
  readonly facts?: Facts;
  readonly request: string;
}

/** The one place where a family of errors becomes an HTTP status. */
export const families: Record<Family, { status: number; title: string }> = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Who calls is not proved' },
  refused: { status: 403, title: 'The caller may not do this' },
  absent: { status: 404, title: 'There is no such thing for this caller' },
  conflict: { status: 409, title: 'The present state does not allow this' },
  'too-large': { status: 413, title: 'The request is too large' },
  'too-many': { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  internal: { status: 500, title: 'The service failed' },
};

/** Codes for which HTTP has a finer status than their family's. */
const ofCode: Readonly<Record<string, number>> = {
  content_type_unsupported: 415,
  answer_lost: 502,
};

/** What the framework itself says: routes, methods and malformed requests that reach no code of ours. */
const ofFramework: Readonly<Record<number, { code: string; detail: string }>> = {
  400: { code: 'request_malformed', detail: 'the request cannot be read' },
  404: { code: 'route_unknown', detail: 'there is no such route' },
  405: { code: 'method_not_allowed', detail: 'this route does not take this method' },
  408: { code: 'request_timeout', detail: 'the request took too long to arrive' },
  413: { code: 'body_too_large', detail: 'the body is larger than this route takes' },
  414: { code: 'url_too_long', detail: 'the URL is too long' },
  415: { code: 'content_type_unsupported', detail: 'this route does not take this content type' },
  431: { code: 'headers_too_large', detail: 'the headers are too large' },
};

const ofParser: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** The database cannot be reached, or went away during the request. Commands may be sent again under the same Idempotency-Key. */
export class DatabaseUnavailable extends UnavailableError<'database_unavailable'> {}

/**
 * Makes any thrown value a problem. What is not an error of ours is told as `internal` without details: its text may hold anything.
 * @param request the id under which the request is logged
 */
export function problemOf(
  error: unknown,
  request: string,
): { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> } {
  const known: ProductError | null = error instanceof ProductError ? error : databaseGone(error);
  if (known === null) return frameworkProblem(error, request);
  const { status, title } = families[known.family];
  const headers: Record<string, string> = {};
  if (known.retryAfterSeconds !== undefined)
    headers['retry-after'] = String(Math.ceil(known.retryAfterSeconds));
  // RFC 9449, section 7.1: how to prove oneself.
  if (status === 401) headers['www-authenticate'] = 'DPoP algs="EdDSA Ed25519 ES256"';
  if (known.family === 'internal') return { problem: internal(request), headers };
  return {
    problem: {
      type: `/problems/${known.code}`,
      title,
      status: ofCode[known.code] ?? status,
      code: known.code,
      detail: known.message,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      ...(Object.keys(known.facts).length === 0 ? {} : { facts: known.facts }),
      request,
    },
    headers,
  };
}

const frameworkProblem = (error: unknown, request: string) => ({
  problem: ofStatus(statusOf(error), request),
  headers: {},
});

function ofStatus(status: number, request: string): Problem {
  const said = ofFramework[status];
  if (said === undefined) return internal(request);
  const family = Object.values(families).find((each) => each.status === status) ?? families.invalid;
  return { type: `/problems/${said.code}`, title: family.title, status, ...said, request };
}

/** Of what Node's HTTP parser refuses before there is a request: the whole answer, to be written to the socket. */
export function unreadRequestAnswer(error: NodeJS.ErrnoException, request: string): string {
  const status = ofParser[error.code ?? ''] ?? 400;
  const body = JSON.stringify(ofStatus(status, request));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

const internal = (request: string): Problem => ({
  type: '/problems/internal',
  title: families.internal.title,
  status: 500,
  code: 'internal',
  detail: 'the service failed; nothing is known to be done',
  hint: 'Send the same request again under the same Idempotency-Key; name the request id when you ask for help.',
  request,
});

/** Errors of Nest and of Fastify carry a status; anything else is a fault of ours. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return error.statusCode;
  return 500;
}

const gone = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
  '08006', // connection_failure
]);

/** Whether a failure of the driver means that the database is away, rather than that a statement is wrong. */
export function databaseGone(error: unknown): DatabaseUnavailable | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (
    !gone.has(code) &&
    !/^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error/.test(
      error.message,
    )
  )
    return null;
  return new DatabaseUnavailable(
    'database_unavailable',
    'the database is not reachable',
    {},
    { cause: error, retryAfterSeconds: 2 },
  );
}

/** Turns whatever a route threw into a problem, counts it, and logs what nobody expected. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(
      error,
      http.getRequest<FastifyRequest & Called>(),
      http.getResponse<FastifyReply>(),
    );
  }

  answer(error: unknown, request: Pick<FastifyRequest, 'id'>, reply: FastifyReply): void {
    const { problem, headers } = problemOf(error, request.id);
    this.metrics.problems.inc({ code: problem.code });
    noteOnSpan({ 'mianzheng.code': problem.code });
    if (problem.status >= 500)
      this.log.error({ request: request.id, ...unexpected(error) }, problem.code);
    if (reply.sent) return;
    void reply
      .status(problem.status)
      .headers(headers)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(JSON.stringify(problem));
  }
}
