import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '#composition/child-environment';
import type { Settings } from '#libs/platform';

/**
 * The trial hall in a process of its own beside the city: a client like any other, which has the
 * terminal that the city was started in.
 */
export class TrialBeside {
  #child: ChildProcess | null = null;

  start({ publicUrl, dataDir, keysDir }: Settings): void {
    const program = fileURLToPath(new URL('../trial/main.js', import.meta.url));
    this.#child = fork(program, ['--url', publicUrl], {
      env: childEnvironment(process.env, ['TRIAL_HOLDERS', 'TRIAL_COMPANIES'], {
        DATA_DIR: dataDir,
        KEYS_DIR: keysDir,
      }),
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
  }

  /** Waits until it has ended, so that it asks nothing of a city that is stopping. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    await ended;
  }
}
