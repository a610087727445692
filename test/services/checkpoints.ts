import { setTimeout as wait } from 'node:timers/promises';
import { parseCheckpoint, type SignedCheckpoint } from '#libs/log';

/** Every checkpoint that was shown: none may contradict another, nor the ledger at the end. */
export class Checkpoints {
  /** As published, by size. */
  readonly notes = new Map<number, Uint8Array>();
  readonly #roots = new Map<number, string>();
  /** Sizes that were shown with two roots. */
  readonly forked: number[] = [];
  #watching: Promise<void> | null = null;
  readonly #end = new AbortController();

  constructor(private readonly urls: () => readonly string[]) {}

  /** Asks every ledger again and again, until `stop`. */
  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#watching;
  }

  get latest(): number {
    return Math.max(0, ...this.#roots.keys());
  }

  /** What one process shows now. */
  async look(url: string): Promise<SignedCheckpoint> {
    const response = await fetch(`${url}/log/checkpoint`, { signal: AbortSignal.timeout(2000) });
    if (!response.ok) throw new TypeError(`no checkpoint: ${response.status}`);
    const note = new Uint8Array(await response.arrayBuffer());
    const checkpoint = parseCheckpoint(note);
    const root = Buffer.from(checkpoint.root).toString('hex');
    const known = this.#roots.get(checkpoint.size);
    if (known !== undefined && known !== root) this.forked.push(checkpoint.size);
    this.#roots.set(checkpoint.size, root);
    this.notes.set(checkpoint.size, note);
    return checkpoint;
  }

  async #watch(): Promise<void> {
    while (!this.#end.signal.aborted) {
      await Promise.all(this.urls().map((url) => this.look(url).catch(() => undefined)));
      await wait(50);
    }
  }
}
