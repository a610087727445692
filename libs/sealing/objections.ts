import { setTimeout as wait } from 'node:timers/promises';
import type { Checkpoint } from '#libs/log';
import type { Milestone } from './milestones.js';
import type { SealedHead, Witness } from './ports.js';
import { SealerStopped } from './sealing.errors.js';

export interface ObjectionParts {
  /** @throws SealingRefused where our tree is not that of a checkpoint that we signed */
  readonly check: (head: SealedHead, milestones: readonly Milestone[]) => Promise<void>;
  readonly silent: (witness: Witness, problem: unknown) => void;
  /** How long after a look at a witness the next one may follow, in milliseconds: twice as long each time, up to `most`. */
  readonly pauseMs: { readonly first: number; readonly most: number };
}

/** One sealer's time of sealing, from when it got the right to. */
interface Term {
  readonly ended: AbortSignal;
  readonly stop: (found: unknown) => void;
  /** By witness: whether it objected again while its first objection is looked into. */
  readonly looking: Map<Witness, { again: boolean }>;
}

/**
 * What witnesses object to is looked into beside the publishing, one look at a time for each: a witness that objects and then is slow, or
 * objects to everything, keeps nobody waiting. Only a checkpoint that this log signed itself proves that a witness is right. Where it has
 * none, it is wrong and does not count.
 */
export class Objections {
  readonly #pauses = new Map<Witness, number>();
  #term: Term | null = null;
  #head: SealedHead | null = null;

  constructor(private readonly parts: ObjectionParts) {}

  /**
   * A sealer begins; what is still looked into for the one before is dropped.
   * @param stop told why the sealer must not go on: SealingRefused, or what kept us from finding out
   */
  begin(ended: AbortSignal, stop: (found: unknown) => void): void {
    this.#term = { ended, stop, looking: new Map() };
    this.#head = null;
  }

  /** What is shown to the witnesses from now on. */
  shown(head: SealedHead): void {
    this.#head = head;
  }

  /** It cosigned: what it objected to is settled. */
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

  /** The first objection is looked into at once. */
  async #pause(witness: Witness, ended: AbortSignal): Promise<void> {
    const { first, most } = this.parts.pauseMs;
    const pause = this.#pauses.get(witness) ?? 0;
    this.#pauses.set(witness, Math.min(Math.max(first, pause * 2), most));
    if (pause > 0) await wait(pause, undefined, { signal: ended, ref: false });
  }
}
