import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fromBase64url, InvalidError, ProductError, SystemClock } from '#libs/kernel';
import { formatKey, isKeyName, type NoteSigner, parseKey, SignatureType } from '#libs/log';
import {
  metricsDoor,
  openLog,
  openMetricsDoor,
  ProcessMetrics,
  secretFile,
  traceSettings,
  unexpected,
} from '#libs/platform';
import { nodeSigner, nodeVerify } from '#libs/sealing';
import { WitnessDesk, WitnessFiles, witnessServer } from '#libs/sealing/witness';
import { startTracing } from '#libs/tracing/export';
import { productVersion } from '../cli/product-version.js';
import { watchBuild } from '../house/watching.js';

/** A setting of the witness has a value that cannot be used. */
class WitnessSettingInvalid extends InvalidError<'setting_invalid'> {}

/** How long a starting witness waits for one that is just ending to let go of the folder, in milliseconds. */
const folderPatienceMs = 5000;

/**
 * A witness of other people's logs, to be run by a department that does not run the ledger. It holds a key and the latest checkpoint of each
 * log, and cosigns what continues it. Told by the environment:
 * `WITNESS_NAME` its name in signatures; `WITNESS_LOGS` a file with the verifier key of a log on each line (`#` begins a comment);
 * `DATA_DIR` the folder of its key and its checkpoints, used by one witness only; `HOST`, `PORT`; and, as for every
 * program, where metrics are read and traces go.
 */
async function main(): Promise<void> {
  const name = setting('WITNESS_NAME');
  if (!isKeyName(name)) throw wrong('WITNESS_NAME', 'a name without spaces and plus signs');
  const folder = setting('DATA_DIR');
  const log = openLog(process.env['LOG_LEVEL'] ?? 'info', process.env['LOG_FILE'] ?? '-');
  const signer = await ownKey(name, join(folder, 'witness.key'));
  const logs = await knownLogs(setting('WITNESS_LOGS'));
  const files = await openFolder(join(folder, 'checkpoints'));
  const clock = new SystemClock();
  const desk = new WitnessDesk(signer, logs, files, () => clock.now(), nodeVerify);
  const port = Number(process.env['PORT'] ?? 8081);
  const metrics = new ProcessMetrics();
  const version = await productVersion();
  watchBuild(metrics, version);
  const traces = traceSettings(process.env);
  const tracing = await startTracing({ service: 'witness', version, ...traces });
  const server = witnessServer(
    desk,
    (error) => {
      log.error(unexpected(error), 'witness_failed');
    },
    {
      fromFrontDoor: traces.fromFrontDoor,
      answered: (method, route, status, seconds) => {
        metrics.requests.observe({ method, route, status }, seconds);
      },
    },
  );
  server.listen(port, process.env['HOST'] ?? '127.0.0.1');
  await once(server, 'listening');
  const door = await openMetricsDoor(metrics, metricsDoor(process.env, port));
  const listening = server.address() as AddressInfo;
  const url = `http://${listening.address}:${listening.port}`;
  log.info(
    { url, key: formatKey(signer.key), logs: desk.origins, metrics: door.url },
    'witness_listening',
  );

  const stop = () => {
    server.close(() => {
      void files
        .close()
        .then(() => door.close())
        .then(() => tracing.stop())
        .then(() => process.exit(0));
    });
    server.closeIdleConnections();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // Started by a city for a trial: it ends with it, however that ends.
  if (process.send !== undefined) {
    process.once('disconnect', stop);
    process.send({ url, key: formatKey(signer.key) });
  }
}

async function ownKey(name: string, file: string): Promise<NoteSigner> {
  const text = await secretFile(file, () => `${randomBytes(32).toString('base64url')}\n`);
  const seed = fromBase64url(text.trim());
  if (seed?.length !== 32) throw wrong('DATA_DIR', 'a folder whose witness.key holds a key');
  return nodeSigner(name, SignatureType.cosignature, seed);
}

async function knownLogs(file: string) {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseKey);
  if (keys.length === 0) throw wrong('WITNESS_LOGS', 'a file with the key of a log');
  return keys;
}

async function openFolder(folder: string): Promise<WitnessFiles> {
  for (const until = performance.now() + folderPatienceMs; ;) {
    try {
      return await WitnessFiles.open(folder);
    } catch (error) {
      if (!(error instanceof ProductError) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw wrong(name, 'set');
  return value;
}

const wrong = (name: string, must: string) =>
  new WitnessSettingInvalid('setting_invalid', `${name} must be ${must}`, { setting: name });

main().catch((error: unknown) => {
  process.stderr.write(
    `The witness did not start: ${error instanceof Error ? error.message : 'unknown error'}\n`,
  );
  process.exit(1);
});
