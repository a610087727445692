import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Told } from './generator.js';
import type { Done, Order } from './load.js';
import type { Scene } from './scene.js';

const program = fileURLToPath(new URL('./generator.js', import.meta.url));

/** A process that makes the requests of one side. */
export class Generator {
  readonly #ended: Promise<never>;

  private constructor(private readonly child: ChildProcess) {
    this.#ended = once(child, 'exit').then(() => {
      throw new TypeError('the load generator ended');
    });
    this.#ended.catch(() => undefined);
  }

  static async of(scene: Scene): Promise<Generator> {
    const generator = new Generator(fork(program));
    await generator.#tell({ scene });
    return generator;
  }

  /** @throws TypeError where more than one case in a hundred failed, or none was done */
  async run(order: Order): Promise<Done> {
    const done = (await this.#tell({ order })) as Done;
    const failed = Object.values(done.failures).reduce((sum, times) => sum + times, 0);
    if (done.cases === 0 || failed > done.cases / 100)
      throw new TypeError(`cases of the measurement failed: ${JSON.stringify(done.failures)}`);
    return done;
  }

  close(): void {
    this.child.disconnect();
  }

  async #tell(told: Told): Promise<unknown> {
    const answer = once(this.child, 'message');
    this.child.send(told);
    const [value] = (await Promise.race([answer, this.#ended])) as [unknown];
    return value;
  }
}
