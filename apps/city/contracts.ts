import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { LocalJwks } from '#libs/identity/identity.module';
import { Settings } from '#libs/platform';
import { CityModule } from './city.module.js';
import type { House } from '../house/house.js';
import { newSigningKeys, readSigningKeys } from '#libs/identity/identity.module';
import { openapiDocument } from '../house/openapi.js';

/**
 * Writes what others rely on: contracts/openapi.json from the routes, and the client's types from that. With `--check` nothing is
 * written, and the program fails where a file is not what the routes say.
 */
const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url);
const check = process.argv.includes('--check');

const document = openapiDocument(await preview());
await keep('contracts/openapi.json', `${JSON.stringify(document, null, 2)}\n`);
await keep(
  'libs/api-client/schema.d.ts',
  `// Generated from contracts/openapi.json by npm run contracts.\n${astToString(
    await openapiTS(JSON.parse(JSON.stringify(document)) as never, { rootTypes: false }),
  )}`,
);

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
function preview(): Promise<NestFastifyApplication> {
  const settings = Settings.from({});
  const keys = readSigningKeys(newSigningKeys());
  const house = {
    services: { settings },
    identity: {},
    keys: { ledger: keys },
    sealed: {},
  } as unknown as House;
  return NestFactory.create<NestFastifyApplication>(
    CityModule.with(house, new LocalJwks({ keys: [] })),
    new FastifyAdapter(),
    { preview: true, logger: ['error'] },
  );
}
