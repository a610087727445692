import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import {
  type IdentityServices,
  LocalJwks,
  newSigningKeys,
  readSigningKeys,
} from '#libs/identity/identity.module';
import { type Services, Settings } from '#libs/platform';
import type { House } from '../house/house.js';
import { CityModule, LedgerModule, WindowModule } from '../house/rooms.js';
import { openapiDocument, routesOf } from '../house/openapi.js';

/**
 * Writes what others rely on: contracts/openapi.json from the routes, the client's types from that, and
 * contracts/services.json, which says which service answers which route. With `--check` nothing is
 * written, and the program fails where a file is not what the routes say.
 */
const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url);
const check = process.argv.includes('--check');

const settings = Settings.from({});
const services = { settings } as unknown as Services;
const house = {
  services,
  identity: {},
  keys: { ledger: readSigningKeys(newSigningKeys()) },
  sealed: {},
} as unknown as House;
const accessKeys = new LocalJwks({ keys: [] });

const document = openapiDocument(await preview(CityModule.with(house, accessKeys)));
await keep('contracts/openapi.json', `${JSON.stringify(document, null, 2)}\n`);
await keep(
  'libs/api-client/schema.d.ts',
  `// Generated from contracts/openapi.json by npm run contracts.\n${astToString(
    await openapiTS(JSON.parse(JSON.stringify(document)) as never, { rootTypes: false }),
  )}`,
);

await keep('contracts/services.json', `${JSON.stringify(await tableOfServices(), null, 2)}\n`);

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
    process.stdout.write(`${path}: as the routes say\n`);
    return;
  }
  if (check) {
    process.stdout.write(`${path}: differs from the routes; run npm run contracts\n`);
    process.exitCode = 1;
    return;
  }
  await writeFile(file, text);
  process.stdout.write(`${path}: written\n`);
}

/** The rooms and their routes without anything behind them: nothing is constructed, no database is asked. */
function preview(module: DynamicModule): Promise<NestFastifyApplication> {
  return NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: ['error'],
  });
}
