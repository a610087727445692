import type { CanActivate, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { nameRoute, serveInSpan } from '#libs/tracing';
import { type CalledBy, callerInLog } from './called-by.js';
import { JsonBodies, largeBodyOf, takeStrictBodies } from './body.js';
import { LargeBodies } from './large-bodies.js';
import { type Log, LOG, NestLog } from './log.js';
import { Metrics } from './metrics.js';
import { plainServer } from './plain-server.js';
import { type MountedHandler, serveMounted } from './mounted.js';
import { OpenRoutes } from './open-routes.js';
import { ProblemFilter, unreadRequestAnswer, UrlUnreadable } from './problem.js';
import { Settings } from './settings.js';
import { traceBuses } from './traced-buses.js';
import { strictValidation } from './validation.js';

export interface HttpOptions {
  readonly log: Log;
  /** Authentication and authorisation: run in this order before the body is parsed. */
  readonly guards: (app: NestFastifyApplication) => readonly HttpGuard[];
  /**
   * Guards that need the body, such as the one that makes command contexts: run after all others.
   */
  readonly guardsOfBodies?: (app: NestFastifyApplication) => readonly CanActivate[];
  /**
   * Paths that another handler of plain HTTP serves, such as the identity service's: everything
   * below `prefix`.
   */
  readonly mounted?: readonly MountedHandler[];
}

/**
 * A guard that also examines requests with a large body before it is read: their headers
 * authenticate the caller, but do not cover the body yet.
 */
export interface HttpGuard extends CanActivate {
  beforeBody?(request: FastifyRequest): Promise<void>;
}

const requestId = () => randomBytes(9).toString('base64url');

/**
 * A Nest application with everything that all routes share: bodies, guards, command context,
 * validation, problems, log and metrics.
 */
export async function createHttpApplication(
  module: Parameters<typeof NestFactory.create>[0] | Type,
  options: HttpOptions,
): Promise<NestFastifyApplication> {
  const { log, mounted = [] } = options;
  // What needs the application, which needs the adapter.
  const late: {
    filter?: ProblemFilter;
    metrics?: Metrics;
    openRoutes?: OpenRoutes;
    fromFrontDoor?: boolean;
  } = {};
  const adapter = new FastifyAdapter({
    genReqId: requestId,
    logger: false,
    // Requests on open connections are answered normally while the process shuts down.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, caseSensitive: true },
    bodyLimit: 1024 * 1024,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      late.filter?.answer(error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      // A connection that was reset can get no response.
      if (socket.writable) socket.end(unreadRequestAnswer(error, requestId()));
      else socket.destroy();
    },
    serverFactory: (handler: RequestListener) =>
      plainServer((request, response) => {
        const path = request.url ?? '/';
        const other = mounted.find(
          ({ prefix }) =>
            path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`),
        );
        serveInSpan(request, response, late.fromFrontDoor ?? false, () => {
          if (other === undefined) handler(request, response);
          else
            serveMounted(other, request, response, {
              metrics: late.metrics,
              openRoutes: late.openRoutes,
              answer: (error, to, method) => {
                late.filter?.answerPlainly(error, requestId(), to, method);
              },
            });
        });
      }),
  });
  // Nest declares its options as a class that cannot be constructed.

  const nest: NestApplicationOptions = {
    bodyParser: false,
    logger: new NestLog(log),
    abortOnError: false,
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, nest);
  const metrics = app.get(Metrics);
  late.metrics = metrics;
  const settings = app.get(Settings);
  late.fromFrontDoor = settings.traces.fromFrontDoor;
  const openRoutes = new OpenRoutes(settings.openRoutes, (limit) => {
    metrics.limits.inc({ limit });
  });
  late.openRoutes = openRoutes;
  traceBuses(app);
  const filter = new ProblemFilter(app.get<Log>(LOG), metrics);
  late.filter = filter;
  app.useGlobalFilters(filter);
  const guards = options.guards(app);
  app.useGlobalGuards(...guards, new JsonBodies(), ...(options.guardsOfBodies?.(app) ?? []));
  app.useGlobalPipes(strictValidation());
  const fastify = adapter.getInstance();
  takeStrictBodies(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    nameRoute(request.method, request.routeOptions.url ?? 'unknown');
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    // Responses depend on the caller and the moment, so that they are never cached.
    reply.header('cache-control', 'no-store');
    UrlUnreadable.check(request.url);
    if (isForStrangers(request)) openRoutes.count(request.raw);
    done();
  });
  const largeBodies = new LargeBodies((limit) => {
    metrics.limits.inc({ limit });
  });
  fastify.addHook('preParsing', async (request, reply, payload) => {
    const bytes = largeBodyOf(request);
    if (bytes !== null) {
      for (const guard of guards) await guard.beforeBody?.(request);
      await largeBodies.enter(reply.raw, bytes);
    }
    return payload;
  });
  fastify.addHook('preHandler', async (request, reply) => {
    if (isForStrangers(request)) await openRoutes.enter(reply.raw);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    record(request, reply, log, metrics);
    done();
  });
  return app;
}

/**
 * Requests limited as unauthenticated: open routes, and unknown ones. Liveness is always answered.
 */
const isForStrangers = ({ routeOptions: { config, url }, is404 }: FastifyRequest): boolean =>
  (is404 || 'open' in config) && url?.startsWith('/health') !== true;

/**
 * One log line and one count for each request: the route's template, never the URL, whose parts are
 * arbitrary.
 */
function record(
  request: FastifyRequest & CalledBy,
  reply: FastifyReply,
  log: Log,
  metrics: Metrics,
): void {
  const route = request.routeOptions.url ?? 'unknown';
  const { method } = request;
  if (!('staysOpen' in request.routeOptions.config) || reply.statusCode >= 400)
    metrics.requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  if (route.startsWith('/health')) return;
  log.info({
    request: request.id,
    method,
    route,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    client: callerInLog(request),
  });
}
