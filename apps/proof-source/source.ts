import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Opened } from '#composition/running';
import { readCatalogueFile, type TypeDefinition } from '#libs/catalogue';
import type { SigningKey } from '#libs/department-client';
import { JwsRefused, readPublicKey } from '#libs/identity';
import { isObject, parseJson, SystemClock } from '#libs/kernel';
import { type Log, plainServer, readSecretFile, SettingInvalid, unexpected } from '#libs/platform';
import { maxRequestBytes } from '#libs/proof/source';
import { Journal } from './journal.js';
import { Records } from './records.js';
import { RequestReused } from './refusals.js';
import type { SourceSettings } from './settings.js';
import { RequestingCity, SourceDesk } from './source-desk.js';

export interface RunningSource {
  readonly url: string;
  /** How many records it answers from. */
  readonly records: number;
  stop(): Promise<void>;
}

/** @throws SourceRefused, RecordsUnusable, SettingInvalid */
export async function startSource(settings: SourceSettings, log: Log): Promise<RunningSource> {
  const { client, creditCode, dataDir } = settings;
  const opened = new Opened();
  try {
    const city = await RequestingCity.of(settings.cityUrl, settings.logPolicy);
    const clock = new SystemClock();
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const types = await typesIn(settings.catalogueDir);
    const kept = join(dataDir, 'records.ndjson');
    const about = { creditCode, now: clock.now() };
    if (settings.records !== null) {
      await Records.from(settings.records, types, about);
      await copyFile(settings.records, kept);
    }
    const records = await Records.from(kept, types, about);
    const journal = await Journal.open(join(dataDir, 'made.ndjson'));
    opened.add(() => journal.close());
    const key = await keyIn(settings.keyFile);
    const desk = new SourceDesk(city, { client, creditCode }, key, types, records, journal, clock);
    const server = plainServer(
      (request, response) => {
        void serve(desk, request, response, log);
      },
      { headersTimeout: 5000, requestTimeout: 10_000 },
    );
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    opened.add(async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    });
    const { address, family, port } = server.address() as AddressInfo;
    const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    log.info({ url, city: city.origin, records: records.size }, 'proof_source_listening');
    return { url, records: records.size, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function serve(
  desk: SourceDesk,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): Promise<void> {
  const send = (status: number, body: object) => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    response.end(text);
  };
  try {
    if (/^\/health\/(live|ready)$/.test(request.url ?? '')) {
      send(200, { status: 'ready' });
      return;
    }
    if (request.url !== '/proofs' || request.method !== 'POST') {
      send(404, { code: 'route_unknown' });
      return;
    }
    const body = await bodyOf(request);
    if (body === null) send(413, { code: 'body_too_large' });
    else send(200, await desk.answer(body));
  } catch (error) {
    if (error instanceof JwsRefused) send(403, { code: error.code });
    else if (error instanceof RequestReused) send(409, { code: error.code });
    else {
      if (!request.destroyed) log.error(unexpected(error), 'proof_source_failed');
      send(500, { code: 'internal' });
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxRequestBytes) chunks.push(chunk);
  }
  return length > maxRequestBytes ? null : Buffer.concat(chunks).toString('utf8');
}

/** E-proofs that are made when they are asked for, by their codes. */
async function typesIn(folder: string): Promise<ReadonlyMap<string, TypeDefinition>> {
  const file = readCatalogueFile(await readFile(join(folder, 'certificate-types.tsv'), 'utf8'));
  const lines = file.kind === 'types' ? file.lines : [];
  return new Map(
    lines
      .map(({ value }) => value)
      .filter(({ category, decision }) => category === 'proof' && decision !== true)
      .map((type) => [type.code, type]),
  );
}

async function keyIn(file: string): Promise<SigningKey> {
  const text = await readSecretFile(file);
  const jwk = text === null ? null : parseJson(text);
  if (!isObject(jwk) || typeof jwk['d'] !== 'string')
    throw SettingInvalid.mustBe('SOURCE_KEY', 'a file with a private key, a JWK');
  const { d, ...half } = jwk;
  const { jkt, algorithms } = readPublicKey(half);
  const alg = algorithms.includes('ES256') ? 'ES256' : 'EdDSA';
  return { kid: jkt, alg, key: createPrivateKey({ key: { ...half, d }, format: 'jwk' }) };
}
