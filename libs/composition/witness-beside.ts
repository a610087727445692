import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '#libs/kernel';
import { formatKey, type NoteSigner } from '#libs/log';
import type { Settings } from '#libs/platform';
import { childEnvironment } from './child-environment.js';
import { publish } from './published-files.js';

/** The witness that should run beside the city did not start. */
export class WitnessNotStarted extends UnavailableError<'witness_not_started'> {}

/**
 * A witness in a process of its own beside the city, with its own key and folder. A real deployment
 * puts it with another department.
 */
export interface WitnessBeside {
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

/** The folder of a witness of this city's own, and the program's settings: its log and its name. */
export async function witnessFolder(
  settings: Settings,
  signer: NoteSigner,
): Promise<{ readonly folder: string; readonly env: Readonly<Record<string, string>> }> {
  const folder = join(settings.dataDir, 'witness');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const logs = join(folder, 'logs');
  await publish(logs, `${formatKey(signer.key)}\n`);
  return {
    folder,
    env: {
      WITNESS_NAME: `witness.${settings.city}`,
      WITNESS_LOGS: logs,
      DATA_DIR: folder,
      HOST: '127.0.0.1',
      // It is asked by this city alone, whose traces go on in it.
      TRACEPARENT_FROM: 'front-door',
    },
  };
}

/** As seen from this module, which `scripts/bundle.mjs` may have put beside the programs. */
const program = import.meta.url.includes('/dist/programs/')
  ? '../witness/main.js'
  : '../../apps/witness/main.js';

/** @throws WitnessNotStarted */
export async function startWitnessBeside(
  settings: Settings,
  signer: NoteSigner,
): Promise<WitnessBeside> {
  const { folder, env } = await witnessFolder(settings, signer);
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), {
    // It is independent: it gets no key, password or address of the city.
    env: childEnvironment(process.env, [], {
      ...env,
      PORT: '0',
      METRICS_PORT: '0',
      LOG_FILE: join(folder, 'witness.log'),
    }),
    // Ctrl-C reaches the city alone, which stops its witness last.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const said = await Promise.race([
    once(child, 'message').then(([message]: unknown[]) => message),
    once(child, 'exit').then(() => null),
  ]);
  if (!isWitness(said))
    throw new WitnessNotStarted(
      'witness_not_started',
      'the witness beside the city did not start',
      { folder },
      {
        hint: `Another city may be running on this data directory. A second process of the same city is told of the first one's witness by LOG_POLICY=${join(settings.dataDir, 'log-policy')}.`,
      },
    );
  return { ...said, stop: () => stopped(child) };
}

/** The program's message about itself to its parent process. */
export const isWitness = (said: unknown): said is { url: string; key: string } =>
  typeof said === 'object' && said !== null && 'url' in said && 'key' in said;

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  await ended;
}
