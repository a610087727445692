import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import {
  InvalidError,
  type JsonBounds,
  JsonError,
  parseJson,
  ProductError,
  TooLargeError,
  withoutBom,
} from '#libs/kernel';
import { openBodyLimit, withRouteConfig } from './open-routes.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes as received: proofs and hashes are computed over them. */
    rawBody?: Buffer;
    /** Whether `readJson` has parsed them. */
    jsonRead?: boolean;
  }
}

export class BodyTooLarge extends TooLargeError<'body_too_large'> {}
export class ContentTypeUnsupported extends InvalidError<'content_type_unsupported'> {}
/** The client disconnected before the body was complete, so that no response is read. */
export class BodyAborted extends InvalidError<'body_aborted'> {}

/** Enough for every JSON request. */
const jsonLimit = 1024 * 1024;

/**
 * More than any request needs, and small enough that parsing costs no more than reading the bytes.
 */
export const jsonBounds: JsonBounds = {
  depth: 20,
  membersOfAnObject: 256,
  elementsOfAnArray: 1000,
  values: 10_000,
  lettersOfAName: 256,
  nul: 'refused',
  numbers: 'exact',
};

/**
 * Examines a body while it arrives, before the caller is authenticated. An error that it throws is
 * the response; no more is read.
 */
export interface BodyWatch {
  push(chunk: Uint8Array): void;
}

interface RawBody {
  readonly types: readonly string[];
  readonly limit: number;
  readonly watch?: (type: string) => BodyWatch;
}

/**
 * For routes that accept other bodies than JSON: content types without parameters, and a limit of
 * bytes; JSON only where it is named. The handler gets the bytes, a Buffer, as `@Body()` and as
 * `request.rawBody`.
 * @param watch made for each body, to refuse it at its first excess
 */
export const TakesRawBody = (
  types: readonly string[],
  limit: number,
  watch?: (type: string) => BodyWatch,
) =>
  withRouteConfig({
    rawBody: { types, limit, ...(watch !== undefined && { watch }) } satisfies RawBody,
  });

/** The limit of bytes of the request's body, where its route accepts large ones; null otherwise. */
export function largeBodyOf({ headers, routeOptions }: FastifyRequest): number | null {
  const { rawBody } = routeOptions.config as { rawBody?: RawBody };
  if (rawBody === undefined) return null;
  const length = Number(headers['content-length'] ?? NaN);
  return Number.isNaN(length) ? rawBody.limit : Math.min(length, rawBody.limit);
}

/**
 * Accepted bodies: JSON (RFC 8259, UTF-8) of at most 1 MB, 16 KiB on an open route; other types
 * where a route names them. Only the bytes are read here, as `rawBody`: proofs are computed over
 * them, and `JsonBodies` parses them once the caller is authenticated.
 */
export function takeStrictBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    read(request, payload),
  );
}

async function read(request: FastifyRequest, payload: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const { rawBody, open } = request.routeOptions.config as { rawBody?: RawBody; open?: true };
  const accepted = rawBody?.types ?? ['application/json'];
  if (!accepted.includes(type))
    throw new ContentTypeUnsupported(
      'content_type_unsupported',
      'this route does not take this content type',
      { accepted: [...accepted] },
    );
  const limit = rawBody?.limit ?? (open === true ? openBodyLimit : jsonLimit);
  const bytes = await readAtMost(payload, limit, rawBody?.watch?.(type));
  request.rawBody = bytes;
  return rawBody === undefined ? undefined : bytes;
}

/**
 * Parses the JSON of a request: a guard, so that it runs after the caller's authentication, and
 * before the idempotency key is handled.
 */
export class JsonBodies implements CanActivate {
  canActivate(context: ExecutionContext): true {
    readJson(context.switchToHttp().getRequest<FastifyRequest>());
    return true;
  }
}

/**
 * Parses a request's JSON, once, where its route takes JSON and there is a body.
 * @throws JsonError
 */
export function readJson(request: FastifyRequest): void {
  const { rawBody: bytes } = request;
  if (bytes === undefined || bytes === request.body || bytes.length === 0) return;
  if (request.jsonRead === true) return;
  request.body = parseJson(text(bytes), jsonBounds);
  request.jsonRead = true;
}

/**
 * The whole body. @throws BodyTooLarge at the first byte too many; BodyAborted; what `watch` throws
 */
export async function readAtMost(
  payload: IncomingMessage,
  limit: number,
  watch?: BodyWatch,
): Promise<Buffer> {
  const tooLarge = () =>
    new BodyTooLarge('body_too_large', 'the body is larger than this route takes', { limit });
  if (Number(payload.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // The stream stays open in any case: its connection also carries the response.
    for await (const chunk of payload.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge();
      watch?.push(chunk);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof ProductError) throw cause;
    throw new BodyAborted('body_aborted', 'the request ended before its body did', {}, { cause });
  }
  return Buffer.concat(chunks);
}

function text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new JsonError('json_malformed', 'the text is not UTF-8');
  return withoutBom(bytes.toString('utf8')); // RFC 8259, section 8.1: may be ignored
}
