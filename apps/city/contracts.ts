import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import type { CompositionRoot } from '../../libs/composition/composition-root.js';
import { openapiDocument, routesOf } from '#composition/openapi';
import { CityModule, LedgerModule, WindowModule } from '#composition/rooms';
import {
  type IdentityServices,
  LocalJwks,
  newSigningKeys,
  readSigningKeys,
} from '#libs/identity/identity.module';
import { type Services, Settings } from '#libs/platform';
import { codesOf, codeTable } from './contracts/codes.js';
import { proxyMap } from './contracts/proxy-map.js';
import { eventContracts, filesWanted } from './contracts/events.js';
import { faultsOfOpenapi } from './contracts/lint.js';
import { openSources } from './contracts/sources.js';
import { codeTexts } from './contracts/texts/index.js';

/**
 * Writes what others rely on: contracts/codes.json from the error classes, contracts/events from
 * the types of events, contracts/openapi.json from the routes, the client's types from that, and
 * contracts/services.json with the proxy's map of it. With `--check` nothing is written, and the
 * program fails where a file is not what the sources say.
 */
const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url);
const check = process.argv.includes('--check');

// The document is the same for every city: the linter would report localhost.
const settings = Settings.from({ PUBLIC_URL: 'https://ledger.city.example' });
const services = { settings } as unknown as Services;
const house = {
  services,
  identity: {},
  keys: { ledger: readSigningKeys(newSigningKeys()) },
  sealed: {},
} as unknown as CompositionRoot;
const accessKeys = new LocalJwks({ keys: [] });

const sources = openSources(root);
const codes = codeTable(codesOf(sources), codeTexts);
await keep('contracts/codes.json', `${JSON.stringify(codes, null, 2)}\n`);
const ofReplies = Object.entries(codes.codes).flatMap(([code, { http }]) => (http ? [code] : []));
await keep(
  'libs/composition/problem-codes.ts',
  `// Generated from the error classes by npm run contracts.\n\n/** Every code that a problem of an HTTP reply can have. */\nexport const problemCodes: readonly string[] = [\n${ofReplies.map((code) => `  '${code}',\n`).join('')}];\n`,
);

const events = eventContracts(sources);
for (const { file, content } of events)
  await keep(`contracts/events/${file}`, `${JSON.stringify(content, null, 2)}\n`);
await keepNames('contracts/events', filesWanted(events));

const document = openapiDocument(
  await preview(CityModule.with(house, accessKeys)),
  settings.publicUrl,
  ofReplies,
);
const openapi = `${JSON.stringify(document, null, 2)}\n`;
await keep('contracts/openapi.json', openapi);
for (const fault of await faultsOfOpenapi(openapi)) {
  process.stderr.write(`contracts/openapi.json: ${fault}\n`);
  process.exitCode = 1;
}
await keep(
  'libs/api-client/schema.d.ts',
  `// Generated from contracts/openapi.json by npm run contracts.\n${astToString(
    await openapiTS(JSON.parse(JSON.stringify(document)) as never, { rootTypes: false }),
  )}`,
);

const served = await tableOfServices();
await keep('contracts/services.json', `${JSON.stringify(served, null, 2)}\n`);
await keep('contracts/services.map', proxyMap(served));

/** For each service its routes; what every program answers about itself is in none. */
async function tableOfServices(): Promise<Readonly<Record<string, readonly string[]>>> {
  const identity = {} as IdentityServices;
  const modules = {
    ledger: LedgerModule.with(house, accessKeys),
    window: WindowModule.with(services, identity, accessKeys),
  };
  const table: Record<string, readonly string[]> = {};
  for (const [service, module] of Object.entries(modules))
    table[service] = routesOf(await preview(module))
      .filter(({ path }) => !path.startsWith('/health'))
      .map(({ method, path }) => `${method} ${path}`)
      .sort();
  return table;
}

async function keep(path: string, text: string): Promise<void> {
  const file = fileURLToPath(new URL(path, root));
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept === text) {
    process.stdout.write(`${path}: as the sources say\n`);
    return;
  }
  if (check) {
    process.stdout.write(`${path}: differs from the sources; run npm run contracts\n`);
    process.exitCode = 1;
    return;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  process.stdout.write(`${path}: written\n`);
}

/**
 * A folder holds these files and no others. One of an event that is no more is for a person to
 * remove: a released contract stays.
 */
async function keepNames(folder: string, wanted: readonly string[]): Promise<void> {
  const names = new Set(await readdir(fileURLToPath(new URL(folder, root))));
  const missing = wanted.filter((name) => !names.delete(name));
  for (const name of missing) process.stderr.write(`${folder}/${name}: missing\n`);
  for (const name of names) process.stderr.write(`${folder}/${name}: no event of the sources\n`);
  if (missing.length > 0 || names.size > 0) process.exitCode = 1;
}

/**
 * The rooms and their routes without anything behind them: nothing is constructed, no database is
 * asked.
 */
function preview(module: DynamicModule): Promise<NestFastifyApplication> {
  return NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: ['error'],
  });
}
