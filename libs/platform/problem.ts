import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import { diskFull } from '#libs/embedded-postgres';
import { StoreDamaged } from '#libs/event-store';
import {
  type Facts,
  type Family,
  InvalidError,
  ProductError,
  UnavailableError,
} from '#libs/kernel';
import { noteOnSpan } from '#libs/tracing';
import { type Log, unexpected } from './log.js';
import type { Metrics } from './metrics.js';

/**
 * RFC 9457. Programs switch on `code`, which is stable; `type` is it as a relative URI; `request`
 * finds the log line.
 */
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

/** The only mapping of error families to HTTP statuses. */
export const families: Record<Family, { status: number; title: string }> = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'The caller is not authenticated' },
  refused: { status: 403, title: 'The caller is not allowed to do this' },
  absent: { status: 404, title: 'Not found for this caller' },
  conflict: { status: 409, title: 'The current state does not allow this' },
  'too-large': { status: 413, title: 'The request is too large' },
  'too-many': { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  internal: { status: 500, title: 'The service failed' },
};

/** Seconds for Retry-After, where an error of such a family does not give them. */
const usualPause: Partial<Record<Family, number>> = { 'too-many': 1, unavailable: 2 };

/** Codes for which HTTP has a finer status than their family's. */
const ofCode: Readonly<Record<string, number>> = {
  content_type_unsupported: 415,
  answer_lost: 502,
};

/** The HTTP status with which a problem of this code and family is answered. */
export const statusOf = (code: string, family: Family): number =>
  ofCode[code] ?? families[family].status;

/** The framework's own refusals: unknown routes, methods and malformed requests. */
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

/**
 * Codes without an error class: those of the framework's refusals, and the one of every unexpected
 * error.
 */
export const frameworkCodes: readonly (readonly [code: string, family: Family])[] = [
  ...Object.entries(ofFramework).map(
    ([status, { code }]) => [code, familyOf(Number(status))] as const,
  ),
  ['internal', 'internal'],
];

const ofParser: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** A URL that no route accepts after decoding: PostgreSQL's text cannot hold U+0000. */
export class UrlUnreadable extends InvalidError<'request_malformed'> {
  static check(url: string): void {
    if (url.includes('%00')) throw new UrlUnreadable('request_malformed', 'the URL holds U+0000');
  }
}

/**
 * The database is unreachable, or was lost during the request. Commands may be retried under the
 * same Idempotency-Key.
 */
export class DatabaseUnavailable extends UnavailableError<'database_unavailable'> {}

/**
 * Turns any thrown value into a problem. Errors that are not the product's become `internal`
 * without details, because their text is arbitrary.
 * @param request the id under which the request is logged
 */
export function problemOf(
  error: unknown,
  request: string,
): { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> } {
  const known: ProductError | null =
    storeDamaged(error) ??
    (error instanceof ProductError ? error : (diskFull(error) ?? databaseGone(error)));
  if (known === null) return frameworkProblem(error, request);
  const { status, title } = families[known.family];
  const headers: Record<string, string> = {};
  const later = known.retryAfterSeconds ?? usualPause[known.family];
  if (later !== undefined) headers['retry-after'] = String(Math.ceil(later));
  // RFC 9449, section 7.1: how to authenticate.
  if (status === 401) headers['www-authenticate'] = 'DPoP algs="EdDSA Ed25519 ES256"';
  if (known.family === 'internal') return { problem: internal(request), headers };
  return {
    problem: {
      type: `/problems/${known.code}`,
      title,
      status: statusOf(known.code, known.family),
      code: known.code,
      detail: known.message,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      ...(Object.keys(known.facts).length === 0 ? {} : { facts: known.facts }),
      request,
    },
    headers,
  };
}

/**
 * The event store holds an event that is no record, so that nothing is answered from it. Only
 * operators are told which one, because its name may contain anything.
 */
export class LedgerDamaged extends UnavailableError<'ledger_damaged'> {}

/** @returns null for any other error */
function storeDamaged(error: unknown): LedgerDamaged | null {
  if (!(error instanceof StoreDamaged)) return null;
  return new LedgerDamaged(
    'ledger_damaged',
    'the event store does not hold what was written there',
    {},
    {
      cause: error,
      hint: 'The operator has to look: `mianzheng verify ledger` says where (docs/operations/alarms.md).',
      retryAfterSeconds: 60,
    },
  );
}

const frameworkProblem = (error: unknown, request: string) => ({
  problem: ofStatus(frameworkStatusOf(error), request),
  headers: {},
});

function ofStatus(status: number, request: string): Problem {
  const said = ofFramework[status];
  if (said === undefined) return internal(request);
  const { title } = families[familyOf(status)];
  return { type: `/problems/${said.code}`, title, status, ...said, request };
}

/** The family of a status that the framework gives; `invalid` where no family has it. */
function familyOf(status: number): Family {
  const found = Object.entries(families).find(([, each]) => each.status === status);
  return (found?.[0] ?? 'invalid') as Family;
}

/**
 * The complete response to a request that Node's HTTP parser refuses, to be written to the socket.
 */
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

/** Errors of Nest and of Fastify carry a status; any other error is an internal one. */
function frameworkStatusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return error.statusCode;
  return 500;
}

/**
 * System error codes, which the driver reports with a system call; `ECONNRESET` without one is a
 * request aborted by its client.
 */
const goneAtACall = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const gone = new Set([
  'ECONNREFUSED',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
  '08006', // connection_failure
  '25006', // read_only_sql_transaction: the server has become a standby
]);

/**
 * Whether an error of the driver means that the database is unreachable, rather than that a
 * statement is wrong.
 */
export function databaseGone(error: unknown): DatabaseUnavailable | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (
    !gone.has(code) &&
    !(goneAtACall.has(code) && 'syscall' in error) &&
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

/** Counts problems, and logs unexpected ones. */
export interface ToldOfProblems {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'problems'>;
}

function told(error: unknown, request: string, { log, metrics }: ToldOfProblems) {
  const made = problemOf(error, request);
  const { code, status } = made.problem;
  metrics.problems.inc({ code });
  noteOnSpan({ 'mianzheng.code': code });
  if (status >= 500) log.error({ request, ...unexpected(error) }, code);
  return made;
}

/** Responds with a problem outside any framework; a response that has begun is cut off. */
export function writeProblem(
  error: unknown,
  request: string,
  response: ServerResponse,
  { method, ...to }: ToldOfProblems & { readonly method?: string | undefined },
): void {
  const { problem, headers } = told(error, request, to);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(problem);
  response
    .writeHead(problem.status, {
      ...headers,
      'x-request-id': request,
      'x-content-type-options': 'nosniff',
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(text),
    })
    .end(method === 'HEAD' ? undefined : text);
}

/** Turns any error of a route into a problem, counts it, and logs unexpected ones. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For requests outside the framework, on the response itself. */
  answerPlainly(error: unknown, request: string, response: ServerResponse, method?: string): void {
    writeProblem(error, request, response, { ...this.#told, method });
  }

  get #told() {
    return { log: this.log, metrics: this.metrics };
  }

  answer(error: unknown, request: Pick<FastifyRequest, 'id'>, reply: FastifyReply): void {
    const { problem, headers } = told(error, request.id, this.#told);
    if (reply.sent) return;
    void reply
      .status(problem.status)
      .headers(headers)
      // For requests that no hook sees, because their URL matches no route.
      .header('x-request-id', request.id)
      .header('x-content-type-options', 'nosniff')
      .header('content-type', 'application/problem+json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(JSON.stringify(problem));
  }
}
