import {
  type Checkpoint,
  formatCheckpoint,
  parseSignature,
  type SignedCheckpoint,
  withSignature,
} from '#libs/log';
import { isQuorum, type Policy } from '#libs/verify';
import type { Milestone } from './milestones.js';
import type { SealedHead, Witness } from './ports.js';
import { SealerStopped, WitnessObjects, WitnessSilent } from './sealing.errors.js';
import type { TileReading } from './tile-reading.js';

export interface CosigningParts {
  readonly policy: Policy;
  readonly witnesses: readonly Witness[];
  /** For the proofs that witnesses ask. */
  readonly reading: TileReading;
  /** @throws SealingRefused where our tree is not that of a checkpoint that we signed */
  readonly check: (head: SealedHead, milestones: readonly Milestone[]) => Promise<void>;
  /** Told of cosignatures that came after their checkpoint was published. */
  readonly late: (checkpoint: SignedCheckpoint) => void;
  readonly report: (problem: unknown) => void;
}

/** The witnesses of the policy, as the sealer deals with them. */
export class Cosigning {
  /** Witnesses whose objection has not been looked into. */
  readonly #objecting = new Set<Witness>();

  constructor(private readonly parts: CosigningParts) {}

  /** What the witnesses saw last; null where none answered. */
  async seenLast(): Promise<Milestone[] | null> {
    const answers = await Promise.allSettled(
      this.parts.witnesses.map((witness) => witness.latest()),
    );
    const seen: Milestone[] = [];
    let answered = false;
    for (const answer of answers) {
      if (answer.status === 'rejected') {
        const reason: unknown = answer.reason;
        if (!(reason instanceof WitnessSilent)) throw reason;
        this.parts.report(reason);
        continue;
      }
      answered = true;
      if (answer.value !== null)
        seen.push({ checkpoint: answer.value, code: 'witness_contradicts' });
    }
    return answered ? seen : null;
  }

  /** Looks into objections that could not be looked into before. @throws SealingRefused */
  async examine(head: SealedHead): Promise<void> {
    for (const witness of this.#objecting) await this.#examine(witness, head);
  }

  /** With the lines of the witnesses that answered first, as many as the policy needs; null where they were too few. */
  async cosigned(signed: SignedCheckpoint, head: SealedHead): Promise<SignedCheckpoint | null> {
    const note = Buffer.from(formatCheckpoint(signed));
    let checkpoint = signed;
    const names = new Set<string>();
    const objecting: Witness[] = [];
    const asked = this.parts.witnesses.map(async (witness) => {
      try {
        const lines = await witness.cosign(note, signed.size, (old) =>
          this.parts.reading.consistency(old, signed.size),
        );
        checkpoint = lines.map(parseSignature).reduce(withSignature, checkpoint);
        names.add(witness.name);
        this.parts.late(checkpoint);
      } catch (error) {
        if (error instanceof WitnessObjects) {
          objecting.push(witness);
          this.#objecting.add(witness);
        }
        this.parts.report(error);
      }
    });
    const enough = () => isQuorum(this.parts.policy.quorum, names);
    await firstOf(asked, enough);
    for (const witness of objecting) await this.#examine(witness, head);
    return enough() ? checkpoint : null;
  }

  /**
   * A witness objected: only a checkpoint that this log signed itself proves that it is right. Where it has none, it is wrong and does not
   * count.
   */
  async #examine(witness: Witness, head: SealedHead): Promise<void> {
    let checkpoint: Checkpoint | null;
    try {
      checkpoint = await witness.latest();
    } catch (error) {
      this.parts.report(error);
      return;
    }
    this.#objecting.delete(witness);
    if (checkpoint === null) return;
    if (checkpoint.size > head.size)
      throw new SealerStopped('sealing_interrupted', 'a witness knows a larger tree of this log');
    await this.parts.check(head, [{ checkpoint, code: 'witness_contradicts' }]);
  }
}

/** Resolves when `enough` after one of them, or when all are settled. */
async function firstOf(all: readonly Promise<void>[], enough: () => boolean): Promise<void> {
  const left = new Set(all.map((one) => one.then(() => one)));
  for (const promise of left) void promise.then(() => left.delete(promise));
  while (left.size > 0 && !enough()) await Promise.race(left);
}
