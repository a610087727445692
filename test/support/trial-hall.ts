import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { minNumbers } from '../../apps/trial/population/population.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/** The links of the first thing to try, whose holder answers on the phone. */
export interface TrialLinks {
  readonly window: string;
  readonly phone: string;
  readonly invitation: string;
  readonly code: string;
  readonly number: string;
}

/** A trial hall as a program, by itself or with its city, and what it has said so far. */
export class TrialHall {
  private constructor(
    readonly child: ChildProcess,
    private readonly heard: { text: string },
  ) {}

  /** With as few people as a trial can have. @param words as of `npm start -- --try` */
  static start(words: readonly string[], env: Readonly<Record<string, string>>): TrialHall {
    const child = spawn(process.execPath, [program, ...words], {
      env: {
        PATH: process.env['PATH'],
        TRIAL_HOLDERS: String(minNumbers.holders),
        TRIAL_COMPANIES: String(minNumbers.companies),
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const heard = { text: '' };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        heard.text += chunk.toString();
      });
    return new TrialHall(child, heard);
  }

  get said(): string {
    return this.heard.text;
  }

  /** Waits until it has said so, and answers all that it said since `from`. */
  async says(what: RegExp, from = 0): Promise<string> {
    const { stdout, stderr } = this.child;
    for (;;) {
      const found = this.said.slice(from);
      if (what.test(found)) return found;
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.said}`);
      const heard = new AbortController();
      const { signal } = heard;
      await Promise.race([
        once(stdout ?? process, 'data', { signal }),
        once(stderr ?? process, 'data', { signal }),
        once(this.child, 'exit', { signal }),
      ]).finally(() => {
        heard.abort();
      });
    }
  }

  /** The links that it showed first, or since `from`. */
  async links(from = 0): Promise<TrialLinks> {
    const shown = await this.says(/Press Enter for new links/, from);
    const [window = '', invitation = ''] =
      /http\S+\/window#invitation=([\w-]{22})&operator=[\w-]{22}\.[\w-]{22}/.exec(shown) ?? [];
    const [phone = '', code = ''] = /http\S+\/phone#code=([\w-]{22})/.exec(shown) ?? [];
    const [number = ''] = /99\d{15}[\dX]/.exec(shown) ?? [];
    return { window, phone, invitation, code, number };
  }

  /** Presses Enter; what it says from here on is the answer. */
  enter(): number {
    const from = this.said.length;
    this.child.stdin?.write('\n');
    return from;
  }
}
