import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { InvalidError, parseJson, TooLargeError, JsonError, utf8Text } from '#libs/kernel';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes as they came: what proofs and hashes are made over. */
    rawBody?: Buffer;
  }
}

export class BodyTooLarge extends TooLargeError<'body_too_large'> {}
export class ContentTypeUnsupported extends InvalidError<'content_type_unsupported'> {}

/** Enough for every JSON request there is. */
const jsonLimit = 1024 * 1024;

interface RawBody {
  readonly types: readonly string[];
  readonly limit: number;
}

/**
 * For routes that take something else than JSON: content types without parameters, and the most bytes taken. The handler finds the bytes,
 * a Buffer, as `@Body()` and as `request.rawBody`. Such a route does not take JSON unless it is named.
 */
export const TakesRawBody = (types: readonly string[], limit: number) =>
  RouteConfig({ rawBody: { types, limit } satisfies RawBody });

/**
 * Bodies as the ledger takes them: JSON (RFC 8259, UTF-8) of at most 1 MB, at most 20 levels deep, no member twice, none named
 * `__proto__`; where a route says so, other types as bytes; nothing else. Bytes are kept as `rawBody`.
 */
export function takeStrictBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    read(request, payload),
  );
}

async function read(request: FastifyRequest, payload: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const { rawBody } = request.routeOptions.config as { rawBody?: RawBody };
  const accepted = rawBody?.types ?? ['application/json'];
  if (!accepted.includes(type))
    throw new ContentTypeUnsupported(
      'content_type_unsupported',
      'this route does not take this content type',
      { accepted: [...accepted] },
    );
  const bytes = await readAtMost(request, payload, rawBody?.limit ?? jsonLimit);
  request.rawBody = bytes;
  if (rawBody !== undefined) return bytes;
  return bytes.length === 0 ? undefined : parseJson(text(bytes));
}

async function readAtMost(
  request: FastifyRequest,
  payload: IncomingMessage,
  limit: number,
): Promise<Buffer> {
  const tooLarge = () =>
    new BodyTooLarge('body_too_large', 'the body is larger than this route takes', { limit });
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function text(bytes: Buffer): string {
  try {
    return utf8Text(bytes);
  } catch (cause) {
    throw new JsonError('json_malformed', 'the text is not UTF-8', {}, { cause });
  }
}
