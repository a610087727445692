import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.js';

const program = fileURLToPath(new URL('../../apps/city/main.js', import.meta.url));

/** A city in a process of its own, that can be killed and started again on the same data. */
export class CityProcess {
  #child: ChildProcess | undefined;

  private constructor(
    readonly baseUrl: string,
    readonly dataDir: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async start(
    dataDir: string,
    told: Readonly<Record<string, string>> = {},
  ): Promise<CityProcess> {
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const city = new CityProcess(baseUrl, dataDir, {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      PUBLIC_URL: baseUrl,
      METRICS_PORT: '0',
      REQUESTS_PER_SECOND: '100000',
      REQUESTS_OF_ONE_ADDRESS: '100000',
      HOLDERS_PER_WINDOW_AND_DAY: '1000000',
      QUESTIONS_PER_HOLDER_AND_HOUR: '100000',
      HOLDERS_PER_DEPARTMENT_AND_DAY: '1000000',
      ...told,
    });
    await city.up();
    return city;
  }

  /** Of the program while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the program; returns when it answers. A start that fails is tried again: the machine may
   * still hold what the killed one held.
   */
  async up(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const child = spawn(process.execPath, [program], {
        env: this.env,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      this.#child = child;
      if (await this.ready(child)) return;
      if (attempt === 5) throw new TypeError('the city does not start');
      await wait(500);
    }
  }

  /** kill -9 of the program: nothing is closed, nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /**
   * kill -9 of PostgreSQL's postmaster, which this city started. The program brings it back by
   * itself.
   */
  async killDatabase(): Promise<void> {
    const pidFile = await readFile(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8');
    process.kill(Number(pidFile.split('\n', 1)[0]), 'SIGKILL');
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  /** The last things that the program logged which were not ordinary. */
  async lastWords(): Promise<string[]> {
    const log = await readFile(join(this.dataDir, 'city.log'), 'utf8').catch(() => '');
    const lines = log.split('\n').filter((line) => line !== '' && !line.includes('"level":30'));
    return lines.slice(-5);
  }

  async databaseUrl(): Promise<string> {
    const access = JSON.parse(
      await readFile(join(this.dataDir, 'postgres.access.json'), 'utf8'),
    ) as {
      password: string;
      port: number;
    };
    return `postgres://mianzheng:${access.password}@127.0.0.1:${access.port}/mianzheng`;
  }

  /** What the program says of itself: ready, not ready, or nothing. */
  async says(): Promise<'ready' | 'not ready' | 'nothing'> {
    const asked = fetch(`${this.baseUrl}/health/ready`, { signal: AbortSignal.timeout(5000) });
    return asked.then(
      (response) => (response.ok ? 'ready' : 'not ready'),
      () => 'nothing',
    );
  }

  /** Waits until requests are answered, for a minute at most. */
  async ready(child = this.#child): Promise<boolean> {
    for (let tries = 0; tries < 300; tries++) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return false;
      if ((await this.says()) === 'ready') return true;
      await wait(200);
    }
    return false;
  }
}
