import { setTimeout as wait } from 'node:timers/promises';
import type { Checkpoint } from '#libs/log';
import type { Milestone } from './milestones.js';
import type { SealedHead, Witness } from './ports.js';
import { SealerStopped } from './sealing.errors.js';

export interface ObjectionParts {
  /**
   * @throws SealingRefused where the stored tree is not that of a checkpoint that this log signed
   */
  readonly check: (head: SealedHead, milestones: readonly Milestone[]) => Promise<void>;
  /** @throws SealingRefused where the ledger has no records for a tree of so many leaves */
  readonly count: (head: SealedHead, leaves: number) => Promise<void>;
  readonly silent: (witness: Witness, problem: unknown) => void;
  /** Pause between two checks of a witness, in milliseconds: doubled each time, up to `most`. */
  readonly pauseMs: { readonly first: number; readonly most: number };
}

/** One sealer's term, from the moment it got the lease. */
interface Term {
  readonly ended: AbortSignal;
  readonly stop: (found: unknown) => void;
  /** By witness: whether it objected again while its first objection is being checked. */
  readonly looking: Map<Witness, { again: boolean }>;
}

/**
 * Checks objections of witnesses beside the publishing, one check at a time for each, so that no
 * witness delays it. A different tree is proved only by a checkpoint that this log signed; a larger
 * one is believed where the ledger has no such records, because continuing could only make a second
 * history.
 */
export class Objections {
  readonly #pauses = new Map<Witness, number>();
  #term: Term | null = null;
  #head: SealedHead | null = null;

  constructor(private readonly parts: ObjectionParts) {}

  /**
   * A sealer begins; checks for the one before are dropped.
   * @param stop called with the reason why the sealer must stop: SealingRefused, or the error that
   *   prevented the check
   */
  begin(ended: AbortSignal, stop: (found: unknown) => void): void {
    this.#term = { ended, stop, looking: new Map() };
    this.#head = null;
  }

  /** The head that is shown to the witnesses from now on. */
  shown(head: SealedHead): void {
    this.#head = head;
  }

  /** It cosigned, so that its objection is settled. */
  settled(witness: Witness): void {
    this.#pauses.delete(witness);
  }

  raised(witness: Witness): void {
    const term = this.#term;
    if (term === null) return;
    const under = term.looking.get(witness);
    if (under !== undefined) {
      under.again = true;
      return;
    }
    void this.#lookInto(witness, term).catch((error: unknown) => {
      if (!term.ended.aborted) term.stop(error);
    });
  }

  /** A witness claims to have cosigned more leaves than it was shown. */
  ahead(leaves: number): void {
    const [term, head] = [this.#term, this.#head];
    if (term === null || head === null) return;
    void this.parts.count(head, leaves).catch((error: unknown) => {
      if (!term.ended.aborted) term.stop(error);
    });
  }

  async #lookInto(witness: Witness, term: Term): Promise<void> {
    const look = { again: true };
    term.looking.set(witness, look);
    while (look.again) {
      await this.#pause(witness, term.ended);
      look.again = false;
      let checkpoint: Checkpoint | null;
      try {
        checkpoint = await witness.latest();
      } catch (error) {
        this.parts.silent(witness, error);
        look.again = true;
        continue;
      }
      await this.#compare(checkpoint, term);
    }
    term.looking.delete(witness);
  }

  async #compare(checkpoint: Checkpoint | null, { ended }: Term): Promise<void> {
    ended.throwIfAborted();
    const head = this.#head;
    if (checkpoint === null || head === null) return;
    if (checkpoint.size > head.size)
      throw new SealerStopped('sealing_interrupted', 'a witness knows a larger tree of this log');
    await this.parts.check(head, [{ checkpoint, code: 'witness_contradicts' }]);
  }

  /** The first objection is checked at once. */
  async #pause(witness: Witness, ended: AbortSignal): Promise<void> {
    const { first, most } = this.parts.pauseMs;
    const pause = this.#pauses.get(witness) ?? 0;
    this.#pauses.set(witness, Math.min(Math.max(first, pause * 2), most));
    if (pause > 0) await wait(pause, undefined, { signal: ended, ref: false });
  }
}
