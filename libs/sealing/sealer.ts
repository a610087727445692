import { setTimeout as wait } from 'node:timers/promises';
import { type EventStore, type PositionedRecord, StoreDamaged } from '#libs/event-store';
import { fromHex, type ProductError } from '#libs/kernel';
import {
  type Checkpoint,
  formatCheckpoint,
  type NoteSigner,
  openCheckpoint,
  parseSignature,
  sameBytes,
  type Sha256,
  signCheckpoint,
  type SignedCheckpoint,
  TileError,
  verifyEd25519,
  type VerifyEd25519,
  withSignature,
} from '#libs/log';
import { isQuorum, type Policy } from '#libs/verify';
import type { Leaves, LogShelf, SealedHead, Witness } from './ports.js';
import { resumeTree } from './resume.js';
import {
  howToGoOn,
  SealerStopped,
  SealingRefused,
  WitnessObjects,
  WitnessSilent,
} from './sealing.errors.js';
import { ahead, contradiction, type Milestone, SealingWork } from './sealing-work.js';
import { TileMemory } from './tile-memory.js';
import { TileReading } from './tile-reading.js';
import { Waiting } from './waiting.js';

export interface SealerOptions {
  readonly store: EventStore;
  readonly shelf: LogShelf;
  readonly leaves: Leaves;
  /** The log's key: type 0x01, its name the store's city. */
  readonly signer: NoteSigner;
  /** Which witnesses must have cosigned before a checkpoint is published. */
  readonly policy: Policy;
  /** Those of the policy that can be asked. */
  readonly witnesses: readonly Witness[];
  readonly hash: Sha256;
  readonly verify?: VerifyEd25519;
  /** Told what goes wrong, once each time; nothing personal in it. */
  readonly report?: (problem: ProductError) => void;
  /** How long to wait before a failed step is tried again, in milliseconds. */
  readonly pauseMs?: number;
  /** Where the newest tiles are left for the proofs of this process. */
  readonly memory?: TileMemory;
}

/**
 * - `waiting`: another process seals, or the database is away;
 * - `asking`: no witness of the policy has answered yet, or too few cosign: nothing new is published;
 * - `sealing`: all is well;
 * - `refused`: the ledger contradicts its log; for good, until somebody looks.
 */
export type SealerState = 'stopped' | 'waiting' | 'asking' | 'sealing' | 'refused';

/**
 * Turns records into a log: follows the feed in order, grows the tree, writes tiles and head down, signs, lets witnesses cosign, publishes.
 * Taking over, recovering and going on are one path: everything that was held in memory is dropped at the first failure and read again.
 */
export class Sealer {
  /** For proofs to witnesses. */
  readonly #reading: TileReading;
  /** For what the sealer itself must believe: nothing from memory. */
  readonly #stored: TileReading;
  readonly #memory: TileMemory;
  readonly #published = new Waiting<SignedCheckpoint>();
  readonly #stopping = new AbortController();
  /** Witnesses whose objection has not been looked into. */
  readonly #objecting = new Set<Witness>();
  #publishedAt = 0;
  #running: Promise<void> | undefined;
  #state: SealerState = 'stopped';
  #alarm: SealingRefused | null = null;
  /** It refuses because another one did: that is written down already, and may have been lifted since. */
  #standing = false;

  constructor(private readonly options: SealerOptions) {
    const { shelf, leaves, hash, memory = new TileMemory() } = options;
    this.#memory = memory;
    this.#reading = new TileReading(shelf, leaves, hash, memory);
    this.#stored = new TileReading(shelf, leaves, hash);
  }

  get state(): SealerState {
    return this.#state;
  }

  /** Why it refuses, where it does. */
  get alarm(): SealingRefused | null {
    return this.#alarm;
  }

  /** The checkpoint published last by this sealer; null before the first. */
  get checkpoint(): SignedCheckpoint | null {
    return this.#published.latest;
  }

  /** The first checkpoint of at least `size` leaves; null where none came within `ms`. */
  reached(size: number, ms: number): Promise<SignedCheckpoint | null> {
    return this.#published.until((checkpoint) => checkpoint.size >= size, ms);
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Lets a step under way finish or fail, and gives the right to seal back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#published.end();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#alarm === null) {
      try {
        this.#state = 'waiting';
        await this.#lead(signal);
      } catch (error) {
        if (this.#stopping.signal.aborted || this.alarm !== null) break;
        this.options.report?.(interruption(error));
        await this.#pause(signal).catch(() => undefined);
      }
    }
    this.#state = this.#alarm === null ? 'stopped' : 'refused';
  }

  /**
   * Written down for the other processes on this database, as soon as it answers, and before the right to seal is given back: the next
   * sealer must find it.
   */
  async #refuse(alarm: SealingRefused, signal: AbortSignal): Promise<void> {
    this.#alarm = alarm;
    this.#state = 'refused';
    this.options.report?.(alarm);
    while (!this.#standing && !signal.aborted) {
      try {
        await this.options.shelf.refuse(alarm.code);
        return;
      } catch (error) {
        this.options.report?.(interruption(error));
        await this.#pause(signal).catch(() => undefined);
      }
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const ended = AbortSignal.any([signal, lost.signal]);
    const desk = await this.options.shelf.takeDesk(signal, () => {
      lost.abort();
    });
    try {
      this.#memory.clear();
      await this.#checkRefusal();
      const head = await desk.read();
      const tree = await resumeTree(this.options, head);
      const milestones = [...this.#ofOwn(head), ...(await this.#ofWitnesses(ended))];
      await this.#checkMilestones(head, milestones);
      this.#state = 'sealing';
      const work = new SealingWork(
        desk,
        head,
        tree,
        milestones.filter(ahead(head.size)),
        this.#memory,
      );
      // What was written and not published before: signed now, the same again.
      if (head.size > 0 && work.open) await this.#publish(work, ended);
      for await (const page of this.options.store.subscribe(head.position, ended)) {
        await this.#seal(work, page, ended);
      }
      if (lost.signal.aborted) throw new SealerStopped('sealer_fenced', 'the lease was lost');
    } catch (error) {
      const alarm = signal.aborted ? null : alarmOf(error);
      if (alarm !== null) await this.#refuse(alarm, signal);
      throw error;
    } finally {
      await desk.release();
    }
  }

  /** What a sealer refused, another one does not sign: until an operator has looked. */
  async #checkRefusal(): Promise<void> {
    const standing = await this.options.shelf.refusal();
    if (standing === null) return;
    this.#standing = true;
    throw new SealingRefused(
      standing.code,
      'a sealer refused this ledger before',
      { since: standing.since },
      { hint: howToGoOn },
    );
  }

  /** The checkpoint that was published last must be ours, and of this tree. */
  #ofOwn({ note, size }: SealedHead): Milestone[] {
    const { signer, store, verify = verifyEd25519 } = this.options;
    if (note === null) return [];
    const code = 'checkpoint_changed';
    const changed = (cause?: unknown) =>
      new SealingRefused(code, 'the stored checkpoint is not ours', {}, { cause });
    try {
      const checkpoint = openCheckpoint(note, store.city, signer.key, verify);
      if (checkpoint.size > size) throw changed();
      return [{ checkpoint, code }];
    } catch (cause) {
      throw cause instanceof SealingRefused ? cause : changed(cause);
    }
  }

  /** What the witnesses saw last. Where the policy names some, nothing is signed before one of them has answered. */
  async #ofWitnesses(signal: AbortSignal): Promise<Milestone[]> {
    const { witnesses, policy } = this.options;
    if (policy.witnesses.length === 0) return [];
    this.#state = 'asking';
    for (;;) {
      const answers = await Promise.allSettled(witnesses.map((witness) => witness.latest()));
      signal.throwIfAborted();
      const seen: Milestone[] = [];
      let answered = false;
      for (const answer of answers) {
        if (answer.status === 'rejected') {
          const reason: unknown = answer.reason;
          if (!(reason instanceof WitnessSilent)) throw reason;
          this.options.report?.(reason);
          continue;
        }
        answered = true;
        if (answer.value !== null)
          seen.push({ checkpoint: answer.value, code: 'witness_contradicts' });
      }
      if (answered) return seen;
      await this.#pause(signal);
    }
  }

  /** Those that the sealed tree has passed are compared now; those ahead need records that must at least be there. */
  async #checkMilestones(head: SealedHead, milestones: readonly Milestone[]): Promise<void> {
    const records = head.size + Number((await this.options.store.head()) - head.position);
    for (const { checkpoint, code } of milestones) {
      if (checkpoint.size > records)
        throw new SealingRefused(
          'store_behind_log',
          'a witness cosigned more records than the ledger has',
          { cosigned: checkpoint.size, records },
        );
      if (checkpoint.size > head.size) continue;
      const root = await this.#stored.root(checkpoint.size);
      if (!sameBytes(root, checkpoint.root)) throw contradiction(code, checkpoint.size);
    }
  }

  /** One page into the tree, onto the shelf, under a signature. */
  async #seal(
    work: SealingWork,
    page: readonly PositionedRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const last = page.at(-1);
    if (last === undefined) return;
    for (const { hash } of page) work.append(fromHex(hash) ?? new Uint8Array());
    await work.write(last.position);
    if (!work.open) return;
    // While catching up, not every page is signed; the last one always is.
    const busy = page.length >= fullPage && performance.now() - this.#publishedAt < mostSilenceMs;
    if (busy && (await this.options.store.head()) > last.position) return;
    await this.#publish(work, signal);
  }

  /**
   * Signs the written head and publishes it when enough witnesses have cosigned. The tree does not grow meanwhile: what is appended in
   * between comes with the next page.
   */
  async #publish(work: SealingWork, signal: AbortSignal): Promise<void> {
    const { store, signer } = this.options;
    for (const witness of this.#objecting) await this.#examine(witness, work.head);
    const { size, root } = work.head;
    const signed = signCheckpoint({ origin: store.city, size, root }, signer);
    let checkpoint = await this.#cosigned(signed, work.head);
    while (checkpoint === null) {
      signal.throwIfAborted();
      this.#state = 'asking';
      await this.#pause(signal);
      checkpoint = await this.#cosigned(signed, work.head);
    }
    this.#state = 'sealing';
    this.#published.push(checkpoint);
    this.#publishedAt = performance.now();
    await work.desk.publish(checkpoint, Buffer.from(formatCheckpoint(checkpoint)));
  }

  /** With the lines of the witnesses that answered first, as many as the policy needs; null where they were too few. */
  async #cosigned(signed: SignedCheckpoint, head: SealedHead): Promise<SignedCheckpoint | null> {
    const note = Buffer.from(formatCheckpoint(signed));
    let checkpoint = signed;
    const names = new Set<string>();
    const objecting: Witness[] = [];
    const asked = this.options.witnesses.map(async (witness) => {
      try {
        const lines = await witness.cosign(note, signed.size, (old) =>
          this.#reading.consistency(old, signed.size),
        );
        checkpoint = lines.map(parseSignature).reduce(withSignature, checkpoint);
        names.add(witness.name);
        this.#addLate(checkpoint);
      } catch (error) {
        if (error instanceof WitnessObjects) {
          objecting.push(witness);
          this.#objecting.add(witness);
        }
        this.options.report?.(interruption(error));
      }
    });
    const enough = () => isQuorum(this.options.policy.quorum, names);
    await firstOf(asked, enough);
    for (const witness of objecting) await this.#examine(witness, head);
    return enough() ? checkpoint : null;
  }

  /** A cosignature that came after its checkpoint was published is added to it, while it is still the latest. */
  #addLate(checkpoint: SignedCheckpoint): void {
    if (this.#published.latest?.note.text === checkpoint.note.text)
      this.#published.push(checkpoint);
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
      this.options.report?.(interruption(error));
      return;
    }
    this.#objecting.delete(witness);
    if (checkpoint === null) return;
    if (checkpoint.size > head.size)
      throw new SealerStopped('sealing_interrupted', 'a witness knows a larger tree of this log');
    await this.#checkMilestones(head, [{ checkpoint, code: 'witness_contradicts' }]);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await wait(this.options.pauseMs ?? 500, undefined, { signal });
  }
}

/** A page of this many records is one of many. */
const fullPage = 1000;
/** While catching up, a checkpoint is published at least this often, in milliseconds. */
const mostSilenceMs = 100;

/** Resolves when `enough` after one of them, or when all are settled. */
async function firstOf(all: readonly Promise<void>[], enough: () => boolean): Promise<void> {
  const left = new Set(all.map((one) => one.then(() => one)));
  for (const promise of left) void promise.then(() => left.delete(promise));
  while (left.size > 0 && !enough()) await Promise.race(left);
}

/** What no repetition can mend. */
function alarmOf(error: unknown): SealingRefused | null {
  if (error instanceof SealingRefused) return error;
  if (error instanceof StoreDamaged)
    return new SealingRefused('store_changed', 'a record is not what was written', error.facts, {
      cause: error,
    });
  if (error instanceof TileError)
    return new SealingRefused('tiles_changed', 'tiles are missing or cut', error.facts, {
      cause: error,
    });
  return null;
}

/** What stops a step and is tried again: the database away, a lease lost, a witness silent. */
const interruption = (error: unknown): ProductError =>
  error instanceof SealerStopped ||
  error instanceof WitnessSilent ||
  error instanceof WitnessObjects
    ? error
    : new SealerStopped(
        'sealing_interrupted',
        'sealing stopped and begins anew',
        {},
        { cause: error },
      );
