import { setTimeout as wait } from 'node:timers/promises';
import { type EventStore, type PositionedRecord, StoreDamaged } from '#libs/event-store';
import { type ProductError, utf8Bytes } from '#libs/kernel';
import {
  formatCheckpoint,
  type NoteSigner,
  type Sha256,
  signCheckpoint,
  type SignedCheckpoint,
  TileError,
  verifyEd25519,
  type VerifyEd25519,
} from '#libs/log';
import type { Policy } from '#libs/verify';
import { Cosigning } from './cosigning.js';
import { ahead, checkMilestones, type Milestone, ofOwn } from './milestones.js';
import type { Leaves, LogShelf, SealedHead, SealersDesk, Witness } from './ports.js';
import { resumeTree } from './resume.js';
import {
  howToGoOn,
  SealerStopped,
  SealingRefused,
  WitnessObjects,
  WitnessSilent,
} from './sealing.errors.js';
import { SealingWork } from './sealing-work.js';
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
  /** Runs each step, of so many records: for those who time and trace them. */
  readonly around?: (records: number, step: () => Promise<void>) => Promise<void>;
  /** Where the newest tiles are left for the proofs of this process. */
  readonly memory?: TileMemory;
}

/**
 * - `waiting`: another process seals, or the database is away;
 * - `asking`: too few witnesses of the policy have answered yet, or cosign: nothing new is published;
 * - `sealing`: all is well;
 * - `refused`: the ledger contradicts its log; until somebody has looked, and lifted the refusal.
 */
export type SealerState = 'stopped' | 'waiting' | 'asking' | 'sealing' | 'refused';

/**
 * Turns records into a log: follows the feed in order, grows the tree, writes tiles and head down, signs, lets witnesses cosign, publishes.
 * Taking over, recovering and going on are one path: everything that was held in memory is dropped at the first failure and read again.
 */
export class Sealer {
  /** For what the sealer itself must believe: nothing from memory. */
  readonly #stored: TileReading;
  readonly #memory: TileMemory;
  readonly #published = new Waiting<SignedCheckpoint>();
  readonly #stopping = new AbortController();
  readonly #cosigning: Cosigning;
  #publishedAt = 0;
  /** Where the checkpoint published last was kept. */
  #keptBy: { readonly desk: SealersDesk; readonly text: string } | null = null;
  #keeping: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #state: SealerState = 'stopped';
  #alarm: SealingRefused | null = null;
  /** It refuses because another one did: that is written down already, and may have been lifted since. */
  #standing = false;
  /** It comes from a backup: nothing is taken until it was compared with what was signed of it. */
  #restored = false;

  constructor(private readonly options: SealerOptions) {
    const { shelf, leaves, hash, policy, witnesses, memory = new TileMemory() } = options;
    this.#memory = memory;
    this.#stored = new TileReading(shelf, leaves, hash);
    this.#cosigning = new Cosigning({
      policy,
      witnesses,
      reading: new TileReading(shelf, leaves, hash, memory),
      check: (head, milestones) => this.#check(head, milestones),
      late: (checkpoint) => {
        // It is added to its checkpoint while that is still the latest.
        if (this.#published.latest?.note.text !== checkpoint.note.text) return;
        this.#published.push(checkpoint);
        this.#keepLate();
      },
      report: (problem) => {
        this.#report(problem);
      },
      ...(options.pauseMs !== undefined && { pauseMs: options.pauseMs }),
    });
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
    clearTimeout(this.#keeping);
    await this.#running;
    this.#published.end();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#state = 'waiting';
        await this.#lead(signal);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        if (this.alarm === null) {
          this.#report(error);
          await this.#pause(signal).catch(() => undefined);
        } else await this.#lifted(signal);
      }
    }
    this.#state = this.#alarm === null ? 'stopped' : 'refused';
  }

  /** Until an operator has lifted the refusal; then the sealer begins anew, and refuses again where it finds the same again. */
  async #lifted(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pause(signal).catch(() => undefined);
      // A database that does not answer has lifted nothing.
      const standing = await this.options.shelf.refusal().catch(() => this.#alarm);
      if (standing !== null) continue;
      this.#alarm = null;
      this.#standing = false;
      return;
    }
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
        this.#report(error);
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
    let proof: unknown;
    this.#cosigning.begin(ended, (found) => {
      proof = found;
      lost.abort(found);
    });
    try {
      this.#memory.clear();
      await this.#checkRefusal();
      const head = await desk.read();
      const tree = await resumeTree(this.options, head);
      const milestones = await this.#milestones(head, ended);
      await this.#check(head, milestones);
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
      if (work.open) await this.#confirm();
      const { around = (_records, step) => step() } = this.options;
      for await (const page of this.options.store.subscribe(head.position, ended)) {
        const began = performance.now();
        await around(page.length, () => this.#seal(work, page, ended));
        await gather(page.length, began, ended);
      }
      if (lost.signal.aborted) throw new SealerStopped('sealer_fenced', 'the lease was lost');
    } catch (error) {
      const why = proof ?? error;
      const alarm = signal.aborted ? null : alarmOf(why);
      if (alarm !== null) await this.#refuse(alarm, signal);
      throw why;
    } finally {
      await desk.release();
    }
  }

  /** What a sealer refused, another one does not sign: until an operator has looked. */
  async #checkRefusal(): Promise<void> {
    const standing = await this.options.shelf.refusal();
    this.#restored = standing?.code === 'restored';
    if (standing === null || standing.code === 'restored') return;
    this.#standing = true;
    throw new SealingRefused(
      standing.code,
      'a sealer refused this ledger before',
      { since: standing.since },
      { hint: howToGoOn(standing.code) },
    );
  }

  /**
   * What was seen signed: by us, and by the witnesses. Where the policy names some, nothing is signed before so many have answered that what
   * was published last is known to one of them.
   */
  async #milestones(head: SealedHead, signal: AbortSignal): Promise<Milestone[]> {
    const { signer, store, policy, verify = verifyEd25519 } = this.options;
    const own = ofOwn(head, signer, store.city, verify);
    if (policy.witnesses.length === 0) return own;
    this.#state = 'asking';
    for (;;) {
      const seen = await this.#cosigning.seenLast();
      signal.throwIfAborted();
      if (seen !== null) return [...own, ...seen];
      await this.#pause(signal);
    }
  }

  #check(head: SealedHead, milestones: readonly Milestone[]): Promise<void> {
    return checkMilestones(head, milestones, this.options.store, this.#stored);
  }

  /** One page into the tree, onto the shelf, under a signature. */
  async #seal(
    work: SealingWork,
    page: readonly PositionedRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const last = page.at(-1);
    if (last === undefined) return;
    await work.write(page);
    if (!work.open) return;
    // While catching up, not every page is signed; the last one always is.
    const busy = page.length >= fullPage && performance.now() - this.#publishedAt < mostSilenceMs;
    if (busy && (await this.options.store.head()) > last.position) return;
    await this.#publish(work, signal);
    await this.#confirm();
  }

  /** A ledger from a backup has everything that was ever signed of it: it may go on. */
  async #confirm(): Promise<void> {
    if (!this.#restored) return;
    // And that alone: what was found against it meanwhile is not this sealer's to lift.
    await this.options.shelf.lift('restored');
    this.#restored = false;
  }

  /**
   * Signs the written head and publishes it when enough witnesses have cosigned. The tree does not grow meanwhile: what is appended in
   * between comes with the next page.
   */
  async #publish(work: SealingWork, signal: AbortSignal): Promise<void> {
    const { store, signer } = this.options;
    const { size, root } = work.head;
    const signed = signCheckpoint({ origin: store.city, size, root }, signer);
    let checkpoint = await this.#cosigning.cosigned(signed, work.head);
    while (checkpoint === null) {
      signal.throwIfAborted();
      this.#state = 'asking';
      await this.#pause(signal);
      checkpoint = await this.#cosigning.cosigned(signed, work.head);
    }
    // What was proved against it meanwhile comes first.
    signal.throwIfAborted();
    this.#state = 'sealing';
    this.#published.push(checkpoint);
    this.#publishedAt = performance.now();
    this.#keptBy = { desk: work.desk, text: checkpoint.note.text };
    await work.desk.publish(checkpoint, utf8Bytes(formatCheckpoint(checkpoint)));
  }

  /**
   * Cosignatures that came late are kept too, so that every process shows them: once for all that came, and only where nothing newer was
   * published meanwhile.
   */
  #keepLate(): void {
    if (this.#keeping !== undefined || this.#stopping.signal.aborted) return;
    this.#keeping = setTimeout(() => {
      this.#keeping = undefined;
      const { latest } = this.#published;
      const kept = this.#keptBy;
      if (latest === null || latest.note.text !== kept?.text) return;
      // A desk that is lost by now keeps nothing more: the next sealer signs and asks anew.
      kept.desk.publish(latest, utf8Bytes(formatCheckpoint(latest))).catch(() => undefined);
    }, lateMs);
    this.#keeping.unref();
  }

  #report(problem: unknown): void {
    this.options.report?.(interruption(problem));
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await wait(this.options.pauseMs ?? 500, undefined, { signal });
  }
}

/** A page of this many records is one of many. */
const fullPage = 1000;
/**
 * Each step costs the database a commit, whatever its size, and takes it from the appends. So a step is not begun sooner than this after the
 * one before, for each record of that one and at most, in milliseconds: where many records come, steps are fewer and larger. A lone record
 * is not kept waiting.
 */
const gatherMs = { record: 0.2, most: 15 };

async function gather(records: number, began: number, signal: AbortSignal): Promise<void> {
  const until = began + Math.min(records * gatherMs.record, gatherMs.most);
  const left = until - performance.now();
  if (left >= 1) await wait(left, undefined, { signal }).catch(() => undefined);
}

/** How long cosignatures that come late are gathered, in milliseconds. */
const lateMs = 100;

/** While catching up, a checkpoint is published at least this often, in milliseconds. */
const mostSilenceMs = 100;

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
