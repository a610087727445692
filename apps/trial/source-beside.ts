import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '#composition/child-environment';
import { publish } from '#composition/published-files';
import { isObject } from '#libs/kernel';
import { replaceSecretFile } from '#libs/platform';
import type { OwnClient } from './clients.js';
import { type ProofRecord, recordedTypes } from './population/proof-records.js';
import type { TrialSettings } from './settings.js';

const program = fileURLToPath(new URL('../proof-source/main.js', import.meta.url));

/**
 * The departments' services of the trial, in a process of its own with a key of its own, and the
 * city's file that names it. It ends with this process.
 * @returns whether it runs; a trial without it prints certificates alone
 */
export async function startSourceBeside(
  settings: TrialSettings,
  own: OwnClient,
  records: readonly ProofRecord[],
): Promise<boolean> {
  const folder = join(settings.folder, 'source');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [keyFile, imported] = [join(folder, 'source.jwk'), join(folder, 'import.ndjson')];
  await replaceSecretFile(keyFile, `${JSON.stringify(own.privateJwk)}\n`);
  await writeFile(imported, records.map((record) => `${JSON.stringify(record)}\n`).join(''), {
    mode: 0o600,
  });
  const child = fork(program, [], {
    // It plays departments: it gets no key, password or address of the city's own.
    env: childEnvironment(process.env, ['CATALOGUE_DIR'], {
      CITY_URL: settings.url,
      LOG_POLICY: settings.logPolicy,
      SOURCE_CLIENT: own.client,
      SOURCE_AUTHORITY: own.details.authority?.creditCode ?? '',
      SOURCE_KEY: keyFile,
      SOURCE_RECORDS: imported,
      DATA_DIR: folder,
      HOST: '127.0.0.1',
      PORT: '0',
      METRICS_PORT: '0',
    }),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const url = await urlOf(child);
  if (url === null) return false;
  const sources = [{ client: own.client, url, types: recordedTypes }];
  await publish(settings.proofSources, `${JSON.stringify(sources)}\n`);
  return true;
}

/** The program's message about itself; null where it did not start. */
async function urlOf(child: ChildProcess): Promise<string | null> {
  const said = await Promise.race([
    once(child, 'message').then(([message]: unknown[]) => message),
    once(child, 'exit').then(() => null),
  ]);
  return isObject(said) && typeof said['url'] === 'string' ? said['url'] : null;
}
