import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Infrastructure, openInfrastructure } from '../../libs/composition/infrastructure.js';
import { KeyFolder } from '#composition/keys';
import { logSigner, ownPolicy } from '#composition/log';
import { publish } from '#composition/published-files';
import type { ReadOnly } from '#composition/read-only';
import { Opened } from '#composition/running';
import { isWitness, witnessFolder } from '#composition/witness-beside';
import { mustRemember } from '#composition/witness-memory';
import { START } from '#libs/event-store';
import { formatKey } from '#libs/log';
import type { Log, Settings } from '#libs/platform';
import { PostgresLogStorage } from '#libs/sealing/sealing.module';
import { settingOf } from '../front/settings.js';
import { Child, type ChildPlan } from './child.js';
import { freePorts } from './ports.js';

export interface Services {
  readonly ground: Infrastructure;
  readonly children: readonly Child[];
  /** The file that lists the processes, for stopping and monitoring them. */
  readonly runFile: string;
  /** The refusal in the database that makes its ledgers read-only; null otherwise. */
  readonly readOnly: ReadOnly | null;
  stop(): Promise<void>;
}

const apart = ['identity', 'ledger', 'window'] as const;
type Counts = Readonly<Record<(typeof apart)[number], number>>;

/** As many of each as show that one more changes nothing. */
const each = 2;

/**
 * Starts a city as separate services on this machine: a database where none is named, a witness
 * where no policy names some, two of each service on loopback, and the front door before them on
 * the public address. A process that ends is started again.
 * @param ledgers how many ledgers instead of two
 */
export async function startServices(
  settings: Settings,
  log: Log,
  ledgers = each,
): Promise<Services> {
  const counts = { identity: each, ledger: ledgers, window: each };
  const opened = new Opened();
  try {
    const ground = await openInfrastructure(settings, log);
    opened.add(() => ground.close());
    const children: Child[] = [];
    const runFile = join(settings.dataDir, 'services.json');
    const written = new LastOfAll(() => publish(runFile, listOf(children)));
    const add = (plan: ChildPlan) => {
      const child = new Child(plan, log, () => {
        written.again();
      });
      children.push(child);
      opened.add(() => child.stop());
      return child;
    };
    await mkdir(join(settings.dataDir, 'logs'), { recursive: true });
    const behindFront = apart.reduce((sum, program) => sum + counts[program], 0);
    const [witnessPort = 0, ...ports] = await freePorts(settings.port, 1 + behindFront);
    const policy = settings.logPolicy ?? (await startWitness(ground, witnessPort, add));
    const plans = plansOf(ground, policy, counts, ports);
    const behind = plans.map(add);
    opened.add(() => Promise.all(behind.map((child) => child.stop())));
    await Promise.all(behind.map((child) => child.start()));
    await add(frontPlan(settings, plans)).start();
    return {
      ground,
      children,
      runFile,
      readOnly: await new PostgresLogStorage(ground.pool).refusal(),
      stop: async () => {
        await opened.close();
        await written.done();
        await rm(runFile, { force: true });
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * The witness, and the policy that names it: what `npm start` runs beside a city, under the same
 * key.
 */
async function startWitness(
  { settings, store, pool }: Infrastructure,
  port: number,
  add: (plan: ChildPlan) => Child,
): Promise<string> {
  const signer = await logSigner(settings, new KeyFolder(settings, (await store.head()) === START));
  await mustRemember(settings, new PostgresLogStorage(pool));
  const { folder, env } = await witnessFolder(settings, signer);
  const said = await add({
    name: 'witness',
    program: 'witness',
    port,
    env: {
      ...env,
      PORT: String(port),
      METRICS_PORT: '0',
      TRACEPARENT_FROM: 'front-door',
      LOG_FILE: logOf(settings, 'witness'),
    },
  }).start();
  const file = join(folder, 'policy');
  await publish(file, ownPolicy(settings, formatKey(signer.key), isWitness(said) ? said : null));
  return file;
}

function plansOf(
  { settings, databaseUrl }: Infrastructure,
  policy: string,
  counts: Counts,
  ports: readonly number[],
): readonly ChildPlan[] {
  const free = [...ports];
  return apart.flatMap((program) =>
    [...Array(counts[program]).keys()].map((n) => {
      const port = free.shift() ?? 0;
      const name = `${program}-${n + 1}`;
      return {
        name,
        program,
        port,
        env: {
          HOST: '127.0.0.1',
          PORT: String(port),
          PUBLIC_URL: settings.publicUrl,
          ISSUER_URL: settings.issuerUrl,
          DATABASE_URL: databaseUrl,
          DATA_DIR: settings.dataDir,
          KEYS_DIR: settings.keysDir,
          LOG_POLICY: policy,
          LOG_FILE: logOf(settings, name),
          METRICS_HOST: settings.metrics.host,
          METRICS_PORT: null,
          TRACEPARENT_FROM: 'front-door',
          // The front door counts by address.
          PROXIES: '127.0.0.1',
        },
      };
    }),
  );
}

function frontPlan(settings: Settings, behind: readonly ChildPlan[]): ChildPlan {
  const urls = apart.map((program) => {
    const its = behind.filter((plan) => plan.program === program);
    return [
      settingOf(program),
      its.map(({ port }) => `http://127.0.0.1:${port}`).join(','),
    ] as const;
  });
  return {
    name: 'front',
    program: 'front',
    port: settings.port,
    env: {
      HOST: settings.host,
      PORT: String(settings.port),
      PUBLIC_URL: settings.publicUrl,
      ISSUER_URL: settings.issuerUrl,
      LOG_FILE: logOf(settings, 'front'),
      METRICS_HOST: settings.metrics.host,
      METRICS_PORT: String(settings.metrics.port),
      DATABASE_URL: null,
      EVENT_STORE_URL: null,
      ...Object.fromEntries(urls),
    },
  };
}

const logOf = ({ dataDir }: Settings, name: string) => join(dataDir, 'logs', `${name}.log`);

const listOf = (children: readonly Child[]): string =>
  `${JSON.stringify(
    children.map(({ plan: { name, program, port }, pid, state }) => ({
      name,
      program,
      url: `http://127.0.0.1:${port}`,
      pid,
      state,
    })),
    null,
    2,
  )}\n`;

/**
 * Does something again whenever it is asked to, one after the other; what is asked meanwhile is
 * done once.
 */
class LastOfAll {
  #wanted = false;
  #doing: Promise<void> | null = null;

  constructor(private readonly work: () => Promise<void>) {}

  again(): void {
    this.#wanted = true;
    this.#doing ??= this.#run();
  }

  async done(): Promise<void> {
    await this.#doing;
  }

  async #run(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      await this.work().catch(() => undefined);
    }
    this.#doing = null;
  }
}
