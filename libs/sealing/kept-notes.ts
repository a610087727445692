import { utf8Bytes } from '#libs/kernel';
import { formatCheckpoint, type SignedCheckpoint } from '#libs/log';
import type { SealerLease } from './ports.js';

/**
 * How long a note waits for a step that takes it along, and for further cosignatures, in
 * milliseconds.
 */
const patienceMs = { step: 100, lines: 100 };

/**
 * The note of the checkpoint published last, on its way to the storage: it goes along with the next
 * step, or by itself where none comes soon (ADR 43). What waits here is lost in a crash, and signed
 * again.
 */
export class KeptNotes {
  #latest: SignedCheckpoint | null = null;
  /** The latest one as a note; null where it is stored. */
  #next: Uint8Array | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** One statement at a time: the lease has one connection. */
  #storing: Promise<void> | undefined;
  #stepping = false;

  /** @param failed called where a note could not be stored: the sealer begins anew */
  constructor(
    private readonly desk: SealerLease,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** @param write writes a step, with the note that goes along; null where all is stored */
  async along(write: (note: Uint8Array | null) => Promise<void>): Promise<void> {
    await this.#storing;
    this.#stepping = true;
    this.#disarm();
    const note = this.#next;
    try {
      await write(note);
    } finally {
      this.#stepping = false;
    }
    if (this.#next === note) this.#next = null;
    else this.#arm(patienceMs.lines);
  }

  /**
   * The first checkpoint of a lease is stored at once, because a start asks whether the log was
   * ever signed. @param isAwaited other processes may wait for it: it is stored at once, too
   */
  async keep(checkpoint: SignedCheckpoint, isAwaited: boolean): Promise<void> {
    const isFirst = this.#latest === null;
    this.#hold(checkpoint, patienceMs.step);
    if (isFirst || isAwaited) await this.#store();
  }

  /** Cosignatures that came late, where nothing newer was published under this lease. */
  add(checkpoint: SignedCheckpoint): void {
    if (this.#latest?.note.text === checkpoint.note.text) this.#hold(checkpoint, patienceMs.lines);
  }

  /** Stores what waits, where the lease still stands. */
  async end(): Promise<void> {
    await this.#storing?.catch(() => undefined);
    await this.#store().catch(() => undefined);
    this.#disarm();
  }

  #hold(checkpoint: SignedCheckpoint, ms: number): void {
    this.#latest = checkpoint;
    this.#next = utf8Bytes(formatCheckpoint(checkpoint));
    this.#arm(ms);
  }

  #arm(ms: number): void {
    if (this.#stepping) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#store().catch(this.failed);
    }, ms).unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #store(): Promise<void> {
    this.#disarm();
    return (this.#storing ??= this.#publish().finally(() => (this.#storing = undefined)));
  }

  async #publish(): Promise<void> {
    const note = this.#next;
    if (note === null || this.#latest === null) return;
    await this.desk.publish(this.#latest, note);
    if (this.#next === note) this.#next = null;
    else this.#arm(patienceMs.lines);
  }
}
