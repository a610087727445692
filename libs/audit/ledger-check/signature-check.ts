import { type Finding, Findings } from './finding.js';
import type { SignatureToCheck } from './signatures.js';

/** Signatures a batch: some tenths of a second of work for a thread. */
const batchSize = 250;

/**
 * Hands out signatures in batches as they come, while the records behind them are still read: of a ledger of any size no more than some
 * batches are kept.
 */
export class SignatureCheck {
  readonly findings = new Findings();
  /** Signatures so far. */
  count = 0;
  #checked = 0;
  readonly #waiting: SignatureToCheck[] = [];
  readonly #underWay = new Set<Promise<void>>();

  /** @param check finds those that do not hold; @param ahead batches that may be under way at once */
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

  /** Hands out full batches; waits while too many are under way. */
  async handOut(): Promise<void> {
    while (this.#waiting.length >= batchSize) await this.#begin();
  }

  /** Waits for all. @param onProgress signatures that were checked so far */
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
    // What failed stays under way, and is thrown to whoever waits next.
    work.catch(() => undefined);
    this.#underWay.add(work);
  }
}
