import { setTimeout as wait } from 'node:timers/promises';
import { type EventStore, type PositionedRecord, StoreDamaged } from '#libs/event-store';
import type { ProductError } from '#libs/kernel';
import {
  type NoteSigner,
  type Sha256,
  signCheckpoint,
  type SignedCheckpoint,
  TileError,
  verifyEd25519,
  type VerifyEd25519,
} from '#libs/log';
import type { Policy } from '#libs/verify';
import { Cosigning, type Seen } from './cosigning.js';
import {
  ahead,
  checkCount,
  checkMilestones,
  lastSigned,
  type Milestone,
  ofOwn,
} from './milestones.js';
import type { Leaves, LogStorage, RefusalPlace, SealedHead, Witness } from './ports.js';
import { resumeTree } from './resume.js';
import {
  howToGoOn,
  SealerStopped,
  SealingRefused,
  WitnessAhead,
  WitnessObjects,
  WitnessSilent,
} from './sealing.errors.js';
import { SealingWork } from './sealing-work.js';
import { KeptNotes } from './kept-notes.js';
import { TileMemory } from './tile-memory.js';
import { TileReading } from './tile-reading.js';
import { Waiting } from './waiting.js';

export interface SealerOptions {
  readonly store: EventStore;
  readonly storage: LogStorage;
  readonly leaves: Leaves;
  /** The log's key: type 0x01, its name the store's city. */
  readonly signer: NoteSigner;
  /** The policy: which witnesses must have cosigned before a checkpoint is published. */
  readonly policy: Policy;
  /** The witnesses of the policy that have an address. */
  readonly witnesses: readonly Witness[];
  readonly hash: Sha256;
  readonly verify?: VerifyEd25519;
  /** Called with each failure, once each time; without personal data. */
  readonly report?: (problem: ProductError) => void;
  /** How long to wait before a failed step is tried again, in milliseconds. */
  readonly pauseMs?: number;
  /** Wraps each step, of so many records, for timing and tracing. */
  readonly around?: (records: number, step: () => Promise<void>) => Promise<void>;
  /** Receives the newest tiles, for the proofs of this process. */
  readonly memory?: TileMemory;
}

/**
 * - `waiting`: another process seals, or the database is unreachable;
 * - `asking`: too few witnesses of the policy answered or cosigned so far: nothing new is
 *   published;
 * - `sealing`: all is well;
 * - `refused`: the ledger contradicts its log; until an operator has lifted the refusal.
 */
export type SealerState = 'stopped' | 'waiting' | 'asking' | 'sealing' | 'refused';

/**
 * Turns records into a log: follows the feed in order, grows the tree, writes tiles and head,
 * signs, lets witnesses cosign, publishes. Takeover, recovery and continuation are one path: at the
 * first failure everything in memory is dropped and read again.
 */
export class Sealer {
  /** For checks that must not rest on a cache. */
  readonly #stored: TileReading;
  readonly #memory: TileMemory;
  readonly #published = new Waiting<SignedCheckpoint>();
  readonly #stopping = new AbortController();
  readonly #cosigning: Cosigning;
  #publishedAt = 0;
  /** Of the lease that it has, for cosignatures that come late. */
  #notes: KeptNotes | null = null;
  #running: Promise<void> | undefined;
  #state: SealerState = 'stopped';
  #alarm: SealingRefused | null = null;
  /**
   * It refuses because another sealer did: that is recorded already, and may have been lifted
   * since.
   */
  #refusedBefore = false;
  /**
   * The ledger comes from a backup: nothing is accepted until it was compared with what was signed
   * of it.
   */
  #restored = false;

  constructor(private readonly options: SealerOptions) {
    const { storage, leaves, hash, policy, witnesses, memory = new TileMemory() } = options;
    this.#memory = memory;
    this.#stored = new TileReading(storage, leaves, hash);
    this.#cosigning = new Cosigning({
      policy,
      witnesses,
      reading: new TileReading(storage, leaves, hash, memory),
      check: (head, milestones) => this.#check(head, milestones),
      count: (head, leaves) => checkCount(head, leaves, options.store),
      late: (checkpoint) => {
        // Added to its checkpoint while that is still the latest.
        if (this.#published.latest?.note.text !== checkpoint.note.text) return;
        this.#published.push(checkpoint);
        this.#notes?.add(checkpoint);
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

  /** Why it refuses; null while it does not. */
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

  /** Lets a step under way finish or fail, and releases the lease. */
  async stop(): Promise<void> {
    this.#stopping.abort();
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

  /**
   * Until an operator has lifted the refusal; then the sealer restarts, and refuses again where the
   * cause remains.
   */
  async #lifted(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pause(signal).catch(() => undefined);
      // An unreachable database has lifted nothing.
      const refusal = await this.options.storage.refusal().catch(() => this.#alarm);
      if (refusal !== null) continue;
      this.#alarm = null;
      this.#refusedBefore = false;
      return;
    }
  }

  /**
   * Recorded for the other processes on this database, as soon as it answers, and before the lease
   * is released: the next sealer must find it.
   */
  async #refuse(alarm: SealingRefused, signal: AbortSignal): Promise<void> {
    this.#alarm = alarm;
    this.#state = 'refused';
    this.options.report?.(alarm);
    while (!this.#refusedBefore && !signal.aborted) {
      try {
        await this.options.storage.refuse(alarm.code, placeOf(alarm));
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
    const desk = await this.options.storage.acquire(signal, () => {
      lost.abort();
    });
    let proof: unknown;
    this.#cosigning.begin(ended, (found) => {
      proof = found;
      lost.abort(found);
    });
    const notes = (this.#notes = new KeptNotes(desk, (error) => {
      proof ??= error;
      lost.abort(error);
    }));
    try {
      this.#memory.clear();
      await this.#checkRefusal();
      const head = await desk.read();
      const tree = await resumeTree(this.options, head);
      const { milestones, leaves } = await this.#seen(head, ended);
      this.#state = 'sealing';
      const work = new SealingWork(
        desk,
        head,
        tree,
        { milestones: milestones.filter(ahead(head.size)), leaves },
        this.#memory,
      );
      // What was written and not published before is signed now, with the same result.
      if (head.size > 0 && work.open) await this.#publish(work, notes, true, ended);
      if (work.open) await this.#confirm();
      const { around = (_records, step) => step() } = this.options;
      for await (const page of this.options.store.subscribe(head.position, ended)) {
        const began = performance.now();
        await around(page.length, () => this.#seal(work, notes, page, ended));
        await this.#gather(page, began, ended);
      }
      if (lost.signal.aborted) throw new SealerStopped('sealer_fenced', 'the lease was lost');
    } catch (error) {
      const why = proof ?? error;
      const alarm = signal.aborted ? null : alarmOf(why);
      if (alarm !== null) await this.#refuse(alarm, signal);
      throw why;
    } finally {
      // What was shown outside is stored before another sealer begins, or refuses; a lost lease
      // stores nothing, and the next sealer signs it again.
      this.#notes = null;
      await notes.end();
      await desk.release();
    }
  }

  /** Until the next step is due. */
  async #gather(page: readonly PositionedRecord[], began: number, signal: AbortSignal) {
    const passed = () => performance.now() - began;
    const left = Math.min(page.length * gatherMs.record, gatherMs.most) - passed();
    if (left >= 1) await wait(left, undefined, { signal }).catch(() => undefined);
    const moreIsThere = page.length >= fullPage;
    if (moreIsThere || areOthers(page)) return;
    await this.#published.wanted(gatherMs.unwanted - passed(), signal);
  }

  /** After one sealer's refusal no other one signs, until an operator has checked. */
  async #checkRefusal(): Promise<void> {
    const refusal = await this.options.storage.refusal();
    this.#restored = refusal?.code === 'restored';
    if (refusal === null || refusal.code === 'restored') return;
    this.#refusedBefore = true;
    throw new SealingRefused(
      refusal.code,
      'a sealer refused this ledger before',
      { since: refusal.since, ...refusal.place },
      { hint: howToGoOn(refusal.code) },
    );
  }

  /**
   * Checkpoints seen outside, by this log and by the witnesses. With witnesses in the policy
   * nothing is signed before enough of them answered that one must know the checkpoint published
   * last.
   */
  async #seen(head: SealedHead, signal: AbortSignal): Promise<Seen> {
    const { signer, store, policy, hash, verify = verifyEd25519 } = this.options;
    const own = ofOwn(head, signer, store.city, verify);
    await this.#check(head, own);
    if (policy.witnesses.length === 0) return { milestones: own, leaves: 0 };
    const note = lastSigned(head, signer, store.city, hash);
    this.#state = 'asking';
    for (;;) {
      const { milestones, leaves, enough } = await this.#cosigning.seenLast(note);
      signal.throwIfAborted();
      // A contradiction counts also from a witness whose other requests fail.
      await this.#check(head, milestones);
      await checkCount(head, leaves, store);
      if (enough) return { leaves, milestones: [...own, ...milestones] };
      await this.#pause(signal);
    }
  }

  #check(head: SealedHead, milestones: readonly Milestone[]): Promise<void> {
    return checkMilestones(head, milestones, this.options.store, this.#stored);
  }

  /** Seals one page: adds it to the tree, stores and signs it. */
  async #seal(
    work: SealingWork,
    notes: KeptNotes,
    page: readonly PositionedRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const last = page.at(-1);
    if (last === undefined) return;
    await notes.along((note) => work.write(page, note));
    if (!work.open) return;
    // While catching up, not every page is signed; the last one always is.
    const busy = page.length >= fullPage && performance.now() - this.#publishedAt < maxSilenceMs;
    if (busy && (await this.options.store.head()) > last.position) return;
    await this.#publish(work, notes, areOthers(page), signal);
    await this.#confirm();
  }

  /** A restored ledger that has everything ever signed of it may continue. */
  async #confirm(): Promise<void> {
    if (!this.#restored) return;
    // Only `restored`: another finding is not this sealer's to lift.
    await this.options.storage.lift('restored');
    this.#restored = false;
  }

  /**
   * Signs the written head and publishes it when enough witnesses have cosigned. The tree does not
   * grow meanwhile: later appends come with the next page.
   */
  async #publish(
    work: SealingWork,
    notes: KeptNotes,
    isAwaited: boolean,
    signal: AbortSignal,
  ): Promise<void> {
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
    // A contradiction proved meanwhile takes precedence.
    signal.throwIfAborted();
    this.#state = 'sealing';
    this.#published.push(checkpoint);
    this.#publishedAt = performance.now();
    await notes.keep(checkpoint, isAwaited);
  }

  #report(problem: unknown): void {
    this.options.report?.(interruption(problem));
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await wait(this.options.pauseMs ?? 500, undefined, { signal });
  }
}

/** Whether records of other processes are among them, which then may wait for a checkpoint, too. */
const areOthers = (page: readonly PositionedRecord[]): boolean =>
  page.some(({ isOwn }) => isOwn !== true);

/** A page of this many records is followed by others. */
const fullPage = 1000;
/**
 * Each step costs the database a commit, whatever its size, so steps are at least this far apart: a
 * time for each record of the previous one, up to a limit, and longer while no caller waits for a
 * checkpoint; in milliseconds. A record after a pause is not delayed.
 */
const gatherMs = { record: 0.2, most: 15, unwanted: 40 };

/** While catching up, a checkpoint is published at least this often, in milliseconds. */
const maxSilenceMs = 100;

function placeOf({ facts }: SealingRefused): RefusalPlace | null {
  const { stream, version, position } = facts;
  return typeof stream === 'string' && typeof version === 'number' && typeof position === 'string'
    ? { stream, version, position }
    : null;
}

/** A failure that no retry can repair. */
function alarmOf(error: unknown): SealingRefused | null {
  if (error instanceof SealingRefused) return error;
  if (error instanceof StoreDamaged)
    return new SealingRefused('store_changed', error.message, error.facts, {
      cause: error,
      hint: howToGoOn(error.facts['kind'] === 'foreign' ? 'foreign' : 'store_changed'),
    });
  if (error instanceof TileError)
    return new SealingRefused('tiles_changed', 'tiles are missing or cut', error.facts, {
      cause: error,
    });
  return null;
}

/** A failure that is retried: the database unreachable, a lease lost, a witness silent. */
const interruption = (error: unknown): ProductError =>
  error instanceof SealerStopped ||
  error instanceof WitnessSilent ||
  error instanceof WitnessObjects ||
  error instanceof WitnessAhead
    ? error
    : new SealerStopped(
        'sealing_interrupted',
        'sealing stopped and begins anew',
        {},
        { cause: error },
      );
