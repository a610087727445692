import { setTimeout as wait } from 'node:timers/promises';
import type { NoteSigner, VerifyEd25519 } from '#libs/log';
import { verifyEd25519 } from '#libs/log';
import type { Policy } from '#libs/verify';
import { Cosigning } from './cosigning.js';
import { checkCount, checkMilestones, lastSigned, ofOwn } from './milestones.js';
import { resumeTree, type SealedRecords } from './resume.js';
import { SealingRefused } from './sealing.errors.js';
import type { Witness } from './ports.js';
import { TileReading } from './tile-reading.js';

export interface StoreComparisonOptions extends SealedRecords {
  readonly signer: NoteSigner;
  readonly policy: Policy;
  readonly witnesses: readonly Witness[];
  readonly verify?: VerifyEd25519;
  /** Called with each failure of the comparison, once each time; without personal data. */
  readonly report: (problem: unknown) => void;
  /** Pause before a retry, in milliseconds. */
  readonly pauseMs?: number;
}

/**
 * Each writing process compares the end of the event store with what was sealed of it and with what
 * the witnesses of the policy know, before its first append. A store that was exchanged, truncated
 * or restored is found before anything is added to it.
 */
export class StoreComparison {
  readonly #cosigning: Cosigning;
  readonly #stored: TileReading;
  readonly #stopping = new AbortController();
  #found: SealingRefused | null = null;
  #done = false;

  constructor(private readonly options: StoreComparisonOptions) {
    const { storage, leaves, hash, policy, witnesses, report } = options;
    this.#stored = new TileReading(storage, leaves, hash);
    this.#cosigning = new Cosigning({
      policy,
      witnesses,
      reading: this.#stored,
      check: (head, milestones) => checkMilestones(head, milestones, options.store, this.#stored),
      count: (head, leaves) => checkCount(head, leaves, options.store),
      late: () => undefined,
      report,
    });
  }

  /** Why this process may not append: not compared yet, or a finding; null where all is well. */
  get obstacle(): { readonly code: string } | null {
    if (this.#found !== null) return this.#found;
    return this.#done ? null : { code: 'store_not_compared' };
  }

  /**
   * Compares until all is well, and continues in the background after `patienceMs` or a finding.
   * @returns whether all is well
   * @throws SealingRefused the first finding; it may be repaired later without a restart of this
   *   process
   */
  async within(patienceMs: number): Promise<boolean> {
    const first = Promise.withResolvers<true>();
    first.promise.catch(() => undefined); // it may fail after its caller has continued
    void this.#run((error) => {
      if (error === null) first.resolve(true);
      else first.reject(error);
    });
    const over = new AbortController();
    const late = wait(patienceMs, false, { signal: over.signal, ref: false }).catch(() => false);
    try {
      return await Promise.race([first.promise, late]);
    } finally {
      over.abort();
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(told: (found: SealingRefused | null) => void): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        // A finding stays until an operator has lifted the refusal that a sealer recorded for it.
        const mayBeMended = this.#found === null || (await this.options.storage.refusal()) === null;
        if (mayBeMended && (await this.#compare())) {
          this.#found = null;
          this.#done = true;
          told(null);
          return;
        }
      } catch (error) {
        if (error instanceof SealingRefused) told((this.#found = error));
        else this.options.report(error);
      }
      await wait(this.options.pauseMs ?? 500, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns false where too few witnesses answered */
  async #compare(): Promise<boolean> {
    const { policy, storage, store, signer, hash, verify = verifyEd25519 } = this.options;
    const seen =
      policy.witnesses.length === 0
        ? nothingSeen
        : await this.#cosigning.seenLast(
            lastSigned(await storage.sealed(), signer, store.city, hash),
          );
    // Read after the witnesses' answers, because a head is written before any cosignature.
    const head = await storage.sealed();
    try {
      await resumeTree(this.options, head);
      const own = ofOwn(head, signer, store.city, verify);
      // A contradiction counts also from a witness whose other requests fail.
      await checkMilestones(head, [...own, ...seen.milestones], store, this.#stored);
      await checkCount(head, seen.leaves, store);
    } catch (error) {
      // A sealer of another process may have continued meanwhile: then tiles of two moments were
      // compared.
      const { size } = await storage.sealed();
      if (size !== head.size) return false;
      throw error;
    }
    return seen.enough;
  }
}

const nothingSeen = { milestones: [], leaves: 0, enough: true } as const;
