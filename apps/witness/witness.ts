import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { productVersion } from '#composition/product-version';
import { Opened } from '#composition/running';
import { watchBuild } from '#composition/watching';
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
import { openWhenFree, WitnessDesk } from '#libs/witness';
import { witnessServer } from '#libs/witness/server';
import type { WitnessSettings } from './settings.js';

export interface RunningWitness {
  readonly url: string;
  /** Its verifier key. */
  readonly key: string;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/** @throws SettingInvalid, WitnessFolderTaken, MetricsNotServed */
export async function startWitness(settings: WitnessSettings, log: Log): Promise<RunningWitness> {
  const { name, logs, dataDir, traces } = settings;
  const opened = new Opened();
  try {
    const signer = await ownKey(name, join(dataDir, 'witness.key'));
    const database = await openWhenFree(join(dataDir, 'checkpoints'));
    opened.add(() => {
      database.close();
    });
    const clock = new SystemClock();
    const desk = new WitnessDesk(signer, logs, database, () => clock.now(), nodeVerify);
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
