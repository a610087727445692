import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fromBase64url, SystemClock } from '#libs/kernel';
import { formatKey, type NoteSigner, SignatureType } from '#libs/log';
import {
  type Log,
  openMetricsDoor,
  ProcessMetrics,
  secretFile,
  SettingInvalid,
  unexpected,
} from '#libs/platform';
import { nodeSigner, nodeVerify } from '#libs/sealing';
import {
  WitnessDesk,
  WitnessFiles,
  WitnessFolderTaken,
  witnessServer,
} from '#libs/sealing/witness';
import { productVersion } from '../cli/product-version.js';
import { Opened } from '../house/running.js';
import { watchBuild } from '../house/watching.js';
import type { WitnessSettings } from './settings.js';

export interface RunningWitness {
  readonly url: string;
  /** Its verifier key. */
  readonly key: string;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/** How long a starting witness waits for one that is just ending to let go of the folder, in milliseconds. */
const folderPatienceMs = 5000;

/** @throws SettingInvalid, WitnessFolderTaken, MetricsNotServed */
export async function startWitness(settings: WitnessSettings, log: Log): Promise<RunningWitness> {
  const { name, logs, dataDir, traces } = settings;
  const opened = new Opened();
  try {
    const signer = await ownKey(name, join(dataDir, 'witness.key'));
    const files = await openFolder(join(dataDir, 'checkpoints'));
    opened.add(() => files.close());
    const clock = new SystemClock();
    const desk = new WitnessDesk(signer, logs, files, () => clock.now(), nodeVerify);
    const metrics = new ProcessMetrics();
    watchBuild(metrics, await productVersion());
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
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    const listening = server.address() as AddressInfo;
    opened.add(async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    });
    const door = await openMetricsDoor(metrics, settings.metrics);
    opened.add(() => door.close());
    const host = listening.family === 'IPv6' ? `[${listening.address}]` : listening.address;
    const url = `http://${host}:${listening.port}`;
    const key = formatKey(signer.key);
    log.info({ url, key, logs: desk.origins, metrics: door.url }, 'witness_listening');
    return { url, key, metricsUrl: door.url, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function ownKey(name: string, file: string): Promise<NoteSigner> {
  const text = await secretFile(file, () => `${randomBytes(32).toString('base64url')}\n`);
  const seed = fromBase64url(text.trim());
  if (seed?.length !== 32)
    throw SettingInvalid.mustBe('DATA_DIR', 'a folder whose witness.key holds a key');
  return nodeSigner(name, SignatureType.cosignature, seed);
}

async function openFolder(folder: string): Promise<WitnessFiles> {
  for (const until = performance.now() + folderPatienceMs; ;) {
    try {
      return await WitnessFiles.open(folder);
    } catch (error) {
      if (!(error instanceof WitnessFolderTaken) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
