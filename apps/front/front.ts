import { NotFoundException } from '@nestjs/common';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { cityContract } from '#composition/city-contract';
import { Opened } from '#composition/running';
import {
  type Log,
  Metrics,
  openMetricsDoor,
  OpenRoutes,
  plainServer,
  Readiness,
  type Settings,
  unreadRequestAnswer,
  writeProblem,
} from '#libs/platform';
import { nameRoute, serveInSpan } from '#libs/tracing';
import { Backends } from './backends.js';
import { forward } from './forward.js';
import { issuerPath, routeTable } from './route-table.js';
import { backendUrls, type Service, services } from './settings.js';

export interface Front {
  readonly backends: Readonly<Record<Service, Backends>>;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

const requestId = () => randomBytes(9).toString('base64url');

/**
 * One address for all services of a city: it knows which service answers which route, and holds no
 * key, no database and no rule. Proofs are made over the public address, and are checked behind it.
 */
export async function startFront(
  settings: Settings,
  log: Log,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Front> {
  const urls = backendUrls(env);
  const backends: Record<Service, Backends> = {
    identity: new Backends('identity', urls.identity),
    ledger: new Backends('ledger', urls.ledger),
    window: new Backends('window', urls.window),
  };
  const metrics = new Metrics();
  watchBackends(metrics, backends);
  const opened = new Opened();
  try {
    for (const one of Object.values(backends))
      opened.add(() => {
        one.close();
      });
    await Promise.all(Object.values(backends).map((one) => one.start()));
    const door = makeDoor({ log, metrics }, settings);
    opened.add(() => door.close());
    await addOwnRoutes(door, backends);
    await addServices(door, settings, backends, { log, metrics });
    const shown = await openMetricsDoor(metrics, settings.metrics);
    opened.add(() => shown.close());
    await door.listen({ port: settings.port, host: settings.host });
    return { backends, metricsUrl: shown.url, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Bodies are not read here: they pass. */
function makeDoor(told: Told, { openRoutes }: Settings): FastifyInstance {
  const { log, metrics } = told;
  // Callers are not authenticated here, so that every request counts by its address.
  const strangers = new OpenRoutes(openRoutes, (limit) => {
    metrics.limits.inc({ limit });
  });
  const door = fastify({
    genReqId: requestId,
    logger: false,
    return503OnClosing: false,
    // As the services match them.
    routerOptions: { maxParamLength: 200, caseSensitive: true },
    // What no route can be looked for under: the framework's own answer would repeat it.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      answerProblem(error, request, reply, told);
    },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(unreadRequestAnswer(error, requestId()));
      else socket.destroy();
    },
    serverFactory: (handler: RequestListener) =>
      plainServer((request, response) => {
        // Callers are not authenticated here, so that their `traceparent` is not trusted.
        serveInSpan(request, response, false, () => {
          handler(request, response);
        });
      }),
  });
  door.removeAllContentTypeParsers();
  door.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  door.addHook('onRequest', (request, reply, done) => {
    nameRoute(request.method, request.routeOptions.url ?? 'unknown');
    reply.raw.once('close', () => {
      record(request, reply, log, metrics);
    });
    if (request.routeOptions.url?.startsWith('/health') !== true) strangers.count(request.raw);
    done();
  });
  door.setErrorHandler((error, request, reply) => {
    answerProblem(error, request, reply, told);
  });
  door.setNotFoundHandler((request, reply) => {
    answerProblem(new NotFoundException(), request, reply, told);
  });
  return door;
}

interface Told {
  readonly log: Log;
  readonly metrics: Metrics;
}

async function addOwnRoutes(
  door: FastifyInstance,
  backends: Readonly<Record<Service, Backends>>,
): Promise<void> {
  const readiness = new Readiness();
  for (const service of services)
    readiness.add(service, () => (backends[service].ready ? null : 'service_away'));
  const contract = await cityContract();
  door.get('/health/live', () => ({ live: true }));
  door.get('/health/ready', async (_request, reply) => {
    const found = await readiness.look();
    return reply.status(found.ready ? 200 : 503).send(found);
  });
  door.get('/openapi.json', (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(contract),
  );
}

async function addServices(
  door: FastifyInstance,
  { issuerUrl, publicUrl }: Settings,
  backends: Readonly<Record<Service, Backends>>,
  told: Told,
): Promise<void> {
  const to = (service: Service) => async (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    try {
      await forward(request.raw, reply.raw, backends[service]);
    } catch (error) {
      answerProblem(error, request, reply, told);
    }
  };
  for (const { method, path, service } of await routeTable())
    door.route({ method, url: path, handler: to(service) });
  const issuer = issuerPath(issuerUrl, publicUrl);
  if (issuer !== null) {
    door.all(issuer, to('identity'));
    door.all(`${issuer}/*`, to('identity'));
  }
}

/** In the form in which the services answer problems themselves. */
function answerProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  told: Told,
): void {
  reply.hijack(); // what follows is written past the framework, as the services' answers are
  writeProblem(error, request.id, reply.raw, { ...told, method: request.method });
}

function record(request: FastifyRequest, reply: FastifyReply, log: Log, metrics: Metrics): void {
  const route = request.routeOptions.url ?? 'unknown';
  const { method } = request;
  const { statusCode: status } = reply.raw;
  metrics.requests.observe({ method, route, status }, reply.elapsedTime / 1000);
  if (route.startsWith('/health')) return;
  log.info({
    request: request.id,
    method,
    route,
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
  });
}

function watchBackends(metrics: Metrics, backends: Readonly<Record<Service, Backends>>): void {
  metrics.watch(
    'mianzheng_front_backend_ready',
    'Whether a process of a service answers that it is ready, as the front door sees it',
    ['service', 'backend'],
    () =>
      services.flatMap((service) =>
        backends[service].all.map(({ url, ready }) => ({
          labels: { service, backend: url.host },
          value: Number(ready),
        })),
      ),
  );
}
