import type { CanActivate, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { nameRoute, serveInSpan } from '#libs/tracing';
import type { Called } from './access.js';
import { takeStrictBodies } from './body.js';
import { CommandContexts } from './command-context.js';
import { type Log, LOG, NestLog } from './log.js';
import { Metrics } from './metrics.js';
import { plainServer } from './plain-server.js';
import { ProblemFilter, unreadRequestAnswer } from './problem.js';
import { type MountedHandler, serveMounted } from './mounted.js';
import { Settings } from './settings.js';
import { traceBuses } from './traced-buses.js';
import { strictValidation } from './validation.js';

export interface HttpOptions {
  readonly log: Log;
  /** Who calls, and whether they may: run in this order before the command context is made. */
  readonly guards: (app: NestFastifyApplication) => readonly CanActivate[];
  /** Whether requests may change anything; otherwise nothing here has a command context. */
  readonly takesCommands?: boolean;
  /** Paths that another handler of plain HTTP serves, such as the identity service's: everything below `prefix`. */
  readonly mounted?: readonly MountedHandler[];
}

const requestId = () => randomBytes(9).toString('base64url');

/** A Nest application behind the one door that all routes share: bodies, guards, command context, validation, problems, log and metrics. */
export async function createHttpApplication(
  module: Parameters<typeof NestFactory.create>[0] | Type,
  options: HttpOptions,
): Promise<NestFastifyApplication> {
  const { log, mounted = [], takesCommands = true } = options;
  // What needs the application, which needs the adapter.
  const late: { filter?: ProblemFilter; metrics?: Metrics; fromFrontDoor?: boolean } = {};
  const adapter = new FastifyAdapter({
    genReqId: requestId,
    logger: false,
    // What comes while the process ends, on a connection that stands, is answered like everything else: with what it asks for.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, caseSensitive: true },
    bodyLimit: 1024 * 1024,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      late.filter?.answer(error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      // A connection that was reset has nobody to answer.
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
          else serveMounted(other, request, response, late.metrics);
        });
      }),
  });
  // Nest declares its options as a class that nobody can make.

  const nest: NestApplicationOptions = {
    bodyParser: false,
    logger: new NestLog(log),
    abortOnError: false,
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, nest);
  const metrics = app.get(Metrics);
  late.metrics = metrics;
  late.fromFrontDoor = app.get(Settings).traces.fromFrontDoor;
  traceBuses(app);
  const filter = new ProblemFilter(app.get<Log>(LOG), metrics);
  late.filter = filter;
  app.useGlobalFilters(filter);
  const contexts = takesCommands ? [app.get(CommandContexts)] : [];
  app.useGlobalGuards(...options.guards(app), ...contexts);
  app.useGlobalPipes(strictValidation());
  const fastify = adapter.getInstance();
  takeStrictBodies(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    nameRoute(request.method, request.routeOptions.url ?? 'unknown');
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    // Answers hold what one caller may see at one moment: nobody keeps them.
    reply.header('cache-control', 'no-store');
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    record(request, reply, log, metrics);
    done();
  });
  return app;
}

/** One line and one count a request: the route's template, never the URL, whose parts may be anything. */
function record(
  request: FastifyRequest & Called,
  reply: FastifyReply,
  log: Log,
  metrics: Metrics,
): void {
  const route = request.routeOptions.url ?? 'unknown';
  const { method } = request;
  metrics.requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  if (route.startsWith('/health')) return;
  log.info({
    request: request.id,
    method,
    route,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    // A phone's key is one person's: the log says only that it was a phone.
    client: request.caller?.is === 'client' ? request.caller.client : request.caller?.is,
  });
}
