import { spawn } from 'node:child_process';
import type { JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cityOf, newPrivateJwk } from '#libs/api-client';
import { inventedCreditCode, inventedResidentId } from '../../support/authority.js';
import { TestClient } from '../../support/client.js';
import { TestKey } from '../../support/keys.js';
import { CityProcess } from '../../fault/city-process.js';
import { endedChildrenTime, familyTime, processTime } from '../processor-time.js';

const cli = fileURLToPath(new URL('../../../apps/cli/main.js', import.meta.url));

const tickMs = 250;

/**
 * What an import took: `seconds` on the clock, from the start of the program to its end, and
 * processor time in milliseconds where the system tells it.
 */
export interface Journey {
  readonly seconds: number;
  readonly cpu: { readonly cli: number; readonly city: number; readonly postgres: number } | null;
}

/**
 * A whole import: a city on its embedded PostgreSQL in a process of its own, and `mianzheng import
 * certificates` in another, which reads a CSV, signs, and submits over HTTP.
 */
export class Road {
  private constructor(
    private readonly folder: string,
    private readonly city: CityProcess,
    private readonly postmaster: number,
    private readonly options: readonly string[],
  ) {}

  static async open(): Promise<Road> {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-road-'));
    await chmod(folder, 0o755); // where root runs this, PostgreSQL's user must get to its data
    const city = await CityProcess.start(folder);
    try {
      const key = await newPrivateJwk();
      const keyFile = join(folder, 'authority.jwk');
      await writeFile(keyFile, JSON.stringify(key), { mode: 0o600 });
      const creditCode = inventedCreditCode();
      const client = await register(city.baseUrl, folder, creditCode, { ...key });
      const pidFile = await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8');
      return new Road(folder, city, Number(pidFile.split('\n', 1)[0]), [
        ...['--key', keyFile, '--client', client],
        ...['--authority', creditCode, '--url', city.baseUrl],
      ]);
    } catch (error) {
      await city.stop();
      throw error;
    }
  }

  /**
   * Imports residence permits of so many invented people; all of them must come in.
   * @param onTick called four times a second with the process that imports
   */
  async travel(
    certificates: number,
    batchesAtOnce: number,
    onTick?: (importer: number) => Promise<void>,
  ): Promise<Journey> {
    const file = join(this.folder, 'permits.csv');
    await writeFile(file, permits(certificates));
    const [city, postgres, ended] = await this.times();
    const start = performance.now();
    const options = [file, ...this.options, '--at-once', String(batchesAtOnce)];
    await importing(options, certificates, onTick);
    const seconds = (performance.now() - start) / 1000;
    const [cityAfter, postgresAfter, endedAfter] = await this.times();
    if (city === null || postgres === null || ended === null) return { seconds, cpu: null };
    return {
      seconds,
      cpu: {
        cli: (endedAfter ?? 0) - ended,
        city: (cityAfter ?? 0) - city,
        postgres: (postgresAfter ?? 0) - postgres,
      },
    };
  }

  async close(): Promise<void> {
    await this.city.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The city's process. */
  get cityPid(): number {
    return this.city.pid ?? 0;
  }

  databaseUrl(): Promise<string> {
    return this.city.databaseUrl();
  }

  private times() {
    return Promise.all([
      processTime(this.city.pid ?? 0),
      familyTime(this.postmaster),
      endedChildrenTime(),
    ]);
  }
}

async function register(
  baseUrl: string,
  folder: string,
  creditCode: string,
  jwk: JsonWebKey,
): Promise<string> {
  const own = JSON.parse(
    await readFile(join(folder, 'keys/administrator.jwk'), 'utf8'),
  ) as JsonWebKey;
  const admin = new TestClient(baseUrl, 'administrator', new TestKey(own), ['clients:manage']);
  const details = {
    kind: 'issuing-authority',
    name: '示例颁发机构',
    department: '公安',
    authority: { creditCode, name: '示例颁发机构', types: ['ZZ003'] },
  };
  const { status, body } = await admin.post<{ client: string }>('/v1/clients', {
    ...details,
    keys: [await new TestKey(jwk).proved(details, await cityOf(baseUrl))],
  });
  if (status !== 201) throw new TypeError('the authority of the measurement was not registered');
  return body.client;
}

function permits(count: number): string {
  const lines = [
    'type,holder_kind,holder_number,valid_from,姓名,公民身份号码,居住地住址,签发机关,签注有效期',
  ];
  for (let n = 0; n < count; n++) {
    const number = inventedResidentId();
    lines.push(
      `ZZ003,111,${number},2026-01-01,测试甲,${number},示例市示例区示例路1号,示例市公安局,一年`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function importing(
  options: readonly string[],
  certificates: number,
  onTick?: (importer: number) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [cli, 'import', 'certificates', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = once(child, 'close');
  if (onTick !== undefined)
    for (;;) {
      const ended = await Promise.race([closed, wait(tickMs, null)]);
      if (ended !== null) break;
      await onTick(child.pid ?? 0);
    }
  await closed;
  if (!said.startsWith(`${certificates} recorded, 0 unchanged, 0 refused`))
    throw new TypeError(`the import of the measurement ended otherwise: ${said}`);
}
