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
import { WitnessObjects, WitnessSilent } from './sealing.errors.js';
import type { TileReading } from './tile-reading.js';

export interface CosigningParts {
  readonly policy: Policy;
  readonly witnesses: readonly Witness[];
  /** For the proofs that witnesses ask. */
  readonly reading: Pick<TileReading, 'consistency'>;
  /** @throws SealingRefused where our tree is not that of a checkpoint that we signed */
  readonly check: (head: SealedHead, milestones: readonly Milestone[]) => Promise<void>;
  /** Told of cosignatures that came after their checkpoint was published. */
  readonly late: (checkpoint: SignedCheckpoint) => void;
  /** Told once when a witness falls silent or objects, and not again before it answered otherwise. */
  readonly report: (problem: unknown) => void;
  /** How soon a witness that objects is asked again what it knows, in milliseconds. */
  readonly pauseMs?: number;
}

/** The witnesses of the policy, as the sealer deals with them. */
export class Cosigning {
  readonly #objections: Objections;
  /** A slow witness is left out until it has answered, never queued for. */
  readonly #asked = new Set<Witness>();
  readonly #troubles = new Map<Witness, ProductError['code']>();

  constructor(private readonly parts: CosigningParts) {
    this.#objections = new Objections({
      check: parts.check,
      silent: (witness, problem) => {
        this.#trouble(witness, problem);
      },
      pauseMs: { first: parts.pauseMs ?? 1000, most: 60_000 },
    });
  }

  /** A sealer begins. @param stop told why it must not go on, where a witness that objects proves it: SealingRefused, SealerStopped */
  begin(ended: AbortSignal, stop: (found: unknown) => void): void {
    this.#objections.begin(ended, stop);
  }

  /**
   * What the witnesses saw last; null while those that did not answer could have cosigned, among themselves, what was published. Of a policy
   * that needs none, one has to answer.
   */
  async seenLast(): Promise<Milestone[] | null> {
    const { policy, witnesses } = this.parts;
    const seen: Milestone[] = [];
    const silent = new Set(policy.witnesses.map(({ name }) => name));
    await Promise.all(
      witnesses.map(async (witness) => {
        try {
          const checkpoint = await witness.latest();
          if (checkpoint !== null) seen.push({ checkpoint, code: 'witness_contradicts' });
        } catch (error) {
          if (!(error instanceof WitnessSilent)) throw error;
          this.#trouble(witness, error);
          return;
        }
        silent.delete(witness.name);
        this.#troubles.delete(witness);
      }),
    );
    const needsNone = isQuorum(policy.quorum, new Set());
    const unknown = needsNone
      ? silent.size === policy.witnesses.length
      : isQuorum(policy.quorum, silent);
    return unknown ? null : seen;
  }

  /** With the lines of the witnesses that answered first, as many as the policy needs; null where they were too few. */
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
    const known = problem instanceof WitnessSilent || problem instanceof WitnessObjects;
    if (known && this.#troubles.get(witness) === problem.code) return;
    if (known) this.#troubles.set(witness, problem.code);
    this.parts.report(problem);
  }
}

/** A note that nobody could read is worse than one with a line less. @throws WitnessSilent */
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
