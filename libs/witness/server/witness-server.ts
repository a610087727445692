import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ProductError } from '#libs/kernel';
import { maxNoteBytes } from '#libs/log';
import { plainServer } from '#libs/platform';
import { nameRoute, serveInSpan } from '#libs/tracing';
import {
  CheckpointNotSigned,
  LogUnknown,
  OldSizeOther,
  TreeInconsistent,
  type WitnessDesk,
  WitnessRequestInvalid,
} from '../witness.js';
import { originHash } from '../witness-database.js';

/** A note, and before it the old size and 63 hashes. */
const maxBodyBytes = maxNoteBytes + 4096;

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly type?: string;
}

export interface WitnessServerOptions {
  /** Whether a request's `traceparent` is trusted: where log and witness are traced together. */
  readonly fromFrontDoor?: boolean;
  /** Called after each request. */
  readonly answered?: (method: string, route: string, status: number, seconds: number) => void;
}

/**
 * C2SP tlog-witness over HTTP: `POST /add-checkpoint`, `GET /<origin hash>/checkpoint`. Callers are
 * not authenticated, because checkpoints are signed.
 */
export function witnessServer(
  desk: WitnessDesk,
  report: (error: unknown) => void,
  { fromFrontDoor = false, answered }: WitnessServerOptions = {},
): Server {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET' } = request;
    const route = routeOf(request);
    const began = performance.now();
    nameRoute(method, route);
    response.once('close', () =>
      answered?.(method, route, response.statusCode, (performance.now() - began) / 1000),
    );
    void answer(desk, request)
      .catch((error: unknown): Answer => {
        const told = problemOf(error);
        // A client that disconnected during a request gets no answer, and nothing is reported.
        if (told.status === 500 && !request.destroyed) report(error);
        return told;
      })
      .then((told) => {
        send(response, told);
      });
  };
  return plainServer(
    (request, response) => {
      serveInSpan(request, response, fromFrontDoor, () => {
        serve(request, response);
      });
    },
    { headersTimeout: 5000, requestTimeout: 10_000 },
  );
}

async function answer(desk: WitnessDesk, request: IncomingMessage): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?');
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return { status: 405, body: 'POST\n' };
    const body = await readBody(request);
    if (body === null) return { status: 413, body: 'body_too_large\n' };
    return { status: 200, body: await desk.addCheckpoint(body) };
  }
  // It is ready when it answers: its folder is open, and no other program uses it.
  if (path === '/health/live' || path === '/health/ready') return { status: 200, body: 'ready\n' };
  const wanted = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
  const origin = desk.origins.find((one) => originHash(one) === wanted);
  if (origin === undefined) return { status: 404, body: 'route_unknown\n' };
  if (request.method !== 'GET') return { status: 405, body: 'GET\n' };
  return { status: 200, body: await desk.latest(origin) };
}

const routeOf = ({ url = '/' }: IncomingMessage): string => {
  if (/^\/(add-checkpoint|health\/live|health\/ready)$/.test(url)) return url;
  return url.endsWith('/checkpoint') ? '/:origin/checkpoint' : 'unknown';
};

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  return length > maxBodyBytes ? null : Buffer.concat(chunks);
}

/** The status of each refusal is the protocol's. */
function problemOf(error: unknown): Answer {
  if (error instanceof OldSizeOther)
    return { status: 409, body: `${error.size}\n`, type: 'text/x.tlog.size' };
  const code = error instanceof ProductError ? `${error.code as string}\n` : 'internal\n';
  if (error instanceof WitnessRequestInvalid) return { status: 400, body: code };
  if (error instanceof CheckpointNotSigned) return { status: 403, body: code };
  if (error instanceof LogUnknown) return { status: 404, body: code };
  if (error instanceof TreeInconsistent) return { status: 422, body: code };
  return { status: 500, body: code };
}

function send(response: ServerResponse, { status, body, type }: Answer): void {
  response.writeHead(status, {
    'Content-Type': type ?? 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
