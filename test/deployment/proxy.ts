import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** HAProxy with the configuration and the map that are deployed; addresses and files are told. */
export class Proxy {
  /** Its log: a line for each request, without a path. */
  log = '';
  #complaints = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()));
  }

  /** @param env of docker/haproxy/haproxy.cfg: `IDENTITY_1` and so on, `TLS_CERTIFICATE`, … */
  static start(env: Readonly<Record<string, string>>): Proxy {
    const told = {
      PATH: process.env['PATH'],
      REQUESTS_OF_ONE_ADDRESS: '100000',
      SERVICES_MAP: at('contracts/services.map'),
      ...env,
    };
    const words = ['-db', '-f', at('docker/haproxy/haproxy.cfg')];
    return new Proxy(spawn('haproxy', words, { env: told, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** @throws where it ended, or does not come to that */
  async until(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 20_000; tries++) {
      if (this.child.exitCode !== null) throw new Error(this.#complaints);
      if (await holds().catch(() => false)) return;
      await new Promise((next) => setImmediate(next));
    }
    throw new Error(`haproxy did not come to that: ${this.#complaints}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** A folder in which `docker/make-secrets.sh` has made what a deployment needs. */
export class Secrets {
  private constructor(private readonly folder: string) {}

  /** @param host under which clients reach the city */
  static make(host: string): Secrets {
    const made = new Secrets(mkdtempSync(join(tmpdir(), 'mianzheng-secrets-')));
    made.makeAgain(host);
    return made;
  }

  /** @returns what the script says */
  makeAgain(host: string): string {
    const script = join(this.folder, 'make-secrets.sh');
    copyFileSync(at('docker/make-secrets.sh'), script);
    return execFileSync('/bin/sh', [script, host], { encoding: 'utf8', stdio: 'pipe' });
  }

  path(name = ''): string {
    return join(this.folder, 'secrets', name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
