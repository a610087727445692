import { type ProductError, utf8Bytes } from '#libs/kernel';
import {
  formatCheckpoint,
  NoteError,
  parseNote,
  parseSignature,
  type SignedCheckpoint,
  withSignature,
} from '#libs/log';
import { isQuorum, type Policy } from '#libs/verify';
import type { Milestone } from './milestones.js';
import { Objections } from './objections.js';
import type { SealedHead, Witness } from './ports.js';
import { WitnessAhead, WitnessObjects, WitnessSilent } from './sealing.errors.js';
import type { TileReading } from './tile-reading.js';

export interface CosigningParts {
  readonly policy: Policy;
  readonly witnesses: readonly Witness[];
  /** For the consistency proofs that witnesses need. */
  readonly reading: Pick<TileReading, 'consistency'>;
  /**
   * @throws SealingRefused where the stored tree is not that of a checkpoint that this log signed
   */
  readonly check: (head: SealedHead, milestones: readonly Milestone[]) => Promise<void>;
  /** @throws SealingRefused where the ledger has no records for a tree of so many leaves */
  readonly count: (head: SealedHead, leaves: number) => Promise<void>;
  /** Called with cosignatures that came after their checkpoint was published. */
  readonly late: (checkpoint: SignedCheckpoint) => void;
  /**
   * Called once when a witness falls silent or objects, and again only after it has answered
   * otherwise.
   */
  readonly report: (problem: unknown) => void;
  /** How soon an objecting witness is asked again for its latest checkpoint, in milliseconds. */
  readonly pauseMs?: number;
}

/** The witnesses' knowledge of this log. */
export interface Seen {
  /** Checkpoints that they showed, signed by the log. */
  readonly milestones: readonly Milestone[];
  /** The most leaves that one of them claims to have cosigned, shown or not. */
  readonly leaves: number;
}

/** The sealer's view of the witnesses of the policy. */
export class Cosigning {
  readonly #objections: Objections;
  /** A slow witness is skipped until it has answered; requests to it are never queued. */
  readonly #asked = new Set<Witness>();
  readonly #troubles = new Map<Witness, ProductError['code']>();

  constructor(private readonly parts: CosigningParts) {
    this.#objections = new Objections({
      check: parts.check,
      count: parts.count,
      silent: (witness, problem) => {
        this.#trouble(witness, problem);
      },
      pauseMs: { first: parts.pauseMs ?? 1000, most: 60_000 },
    });
  }

  /**
   * A sealer begins. @param stop called with the reason where an objecting witness proves that it
   * must stop: SealingRefused, SealerStopped
   */
  begin(ended: AbortSignal, stop: (found: unknown) => void): void {
    this.#objections.begin(ended, stop);
  }

  /**
   * What the witnesses saw last. Not `enough` while the silent ones could have cosigned what was
   * published among themselves, and at least one must answer; only submission prefixes count as
   * answers, because a monitoring prefix may be out of date.
   * @param note a checkpoint that this log signed before
   */
  async seenLast(note: Uint8Array): Promise<Seen & { readonly enough: boolean }> {
    const { policy, witnesses } = this.parts;
    const milestones: Milestone[] = [];
    let leaves = 0;
    const silent = new Set(policy.witnesses.map(({ name }) => name));
    await Promise.all(
      witnesses.map(async (witness) => {
        const [said, shown] = await Promise.all([
          this.#answer(witness, () => witness.known(note)),
          this.#answer(witness, () => witness.latest()),
        ]);
        if (shown) milestones.push({ checkpoint: shown, code: 'witness_contradicts' });
        leaves = Math.max(leaves, said ?? 0);
        const answered = typeof said === 'number' || (shown !== undefined && !witness.delayed);
        if (!answered) return;
        silent.delete(witness.name);
        this.#troubles.delete(witness);
      }),
    );
    const needsNone = isQuorum(policy.quorum, new Set());
    const unknown = needsNone
      ? silent.size === policy.witnesses.length
      : isQuorum(policy.quorum, silent);
    return { milestones, leaves, enough: !unknown };
  }

  /** Undefined where it did not answer. */
  async #answer<Answer>(witness: Witness, ask: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof WitnessSilent)) throw error;
      this.#trouble(witness, error);
      return undefined;
    }
  }

  /**
   * With the lines of the witnesses that answered first, as many as the policy needs; null where
   * there were too few.
   */
  async cosigned(signed: SignedCheckpoint, head: SealedHead): Promise<SignedCheckpoint | null> {
    this.#objections.shown(head);
    const note = utf8Bytes(formatCheckpoint(signed));
    let checkpoint = signed;
    const names = new Set<string>();
    const free = this.parts.witnesses.filter((witness) => !this.#asked.has(witness));
    const asked = free.map(async (witness) => {
      this.#asked.add(witness);
      try {
        const line = await witness.cosign(note, signed.size, (old) =>
          this.parts.reading.consistency(old, signed.size),
        );
        checkpoint = withLine(checkpoint, line, witness);
        names.add(witness.name);
        this.#troubles.delete(witness);
        this.#objections.settled(witness);
        this.parts.late(checkpoint);
      } catch (error) {
        if (error instanceof WitnessObjects) this.#objections.raised(witness);
        if (error instanceof WitnessAhead) this.#objections.ahead(error.known);
        this.#trouble(witness, error);
      } finally {
        this.#asked.delete(witness);
      }
    });
    const enough = () => isQuorum(this.parts.policy.quorum, names);
    await firstOf(asked, enough);
    return enough() ? checkpoint : null;
  }

  #trouble(witness: Witness, problem: unknown): void {
    const known =
      problem instanceof WitnessSilent ||
      problem instanceof WitnessObjects ||
      problem instanceof WitnessAhead;
    if (known && this.#troubles.get(witness) === problem.code) return;
    if (known) this.#troubles.set(witness, problem.code);
    this.parts.report(problem);
  }
}

/** A note that cannot be parsed is worse than one with a line less. @throws WitnessSilent */
function withLine(checkpoint: SignedCheckpoint, line: string, { name }: Witness): SignedCheckpoint {
  try {
    const more = withSignature(checkpoint, parseSignature(line));
    parseNote(utf8Bytes(formatCheckpoint(more)));
    return more;
  } catch (cause) {
    if (!(cause instanceof NoteError)) throw cause;
    throw new WitnessSilent(
      'witness_silent',
      'the line of a witness has no place in the checkpoint',
      { witness: name },
      { cause },
    );
  }
}

/** Resolves when `enough` after one of them, or when all are settled. */
async function firstOf(all: readonly Promise<void>[], enough: () => boolean): Promise<void> {
  const left = new Set(all.map((one) => one.then(() => one)));
  for (const promise of left) void promise.then(() => left.delete(promise));
  while (left.size > 0 && !enough()) await Promise.race(left);
}
