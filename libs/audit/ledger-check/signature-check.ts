import { type Finding, Findings } from './finding.js';
import type { SignatureToCheck } from './signatures.js';

/** Signatures a batch: some tenths of a second of work for a thread. */
const batchSize = 250;

/**
 * Passes signatures on in batches while the records after them are still read, so that memory holds
 * some batches only, whatever the ledger's size.
 */
export class SignatureCheck {
  readonly findings = new Findings();
  /** Signatures so far. */
  count = 0;
  #checked = 0;
  readonly #waiting: SignatureToCheck[] = [];
  readonly #underWay = new Set<Promise<void>>();

  /** @param check returns the invalid ones; @param ahead concurrent batches */
  constructor(
    private readonly check: (
      batch: readonly SignatureToCheck[],
    ) => Promise<readonly Finding[]> | readonly Finding[],
    private readonly ahead: number,
  ) {}

  readonly add = (signature: SignatureToCheck): void => {
    this.#waiting.push(signature);
    this.count++;
  };

  /** Sends full batches; waits while too many are pending. */
  async handOut(): Promise<void> {
    while (this.#waiting.length >= batchSize) await this.#begin();
  }

  /** Waits for all. @param onProgress called with the signatures checked so far */
  async end(onProgress: (checked: number) => void): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#begin();
      onProgress(this.#checked);
    }
    while (this.#underWay.size > 0) {
      await Promise.race(this.#underWay);
      onProgress(this.#checked);
    }
  }

  async #begin(): Promise<void> {
    while (this.#underWay.size >= this.ahead) await Promise.race(this.#underWay);
    const batch = this.#waiting.splice(0, batchSize);
    const work: Promise<void> = Promise.resolve()
      .then(() => this.check(batch))
      .then((findings) => {
        this.findings.addAll(findings);
        this.#checked += batch.length;
        this.#underWay.delete(work);
      });
    // A failed batch stays pending, and its error is thrown at the next wait.
    work.catch(() => undefined);
    this.#underWay.add(work);
  }
}
