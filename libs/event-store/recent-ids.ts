import { type Instant, plusSeconds } from '#libs/kernel';

/**
 * How far the clocks of processes may differ, and how long a command may wait for its append, in
 * seconds.
 */
const slackSeconds = 30;

/** Whether a record of `time` is certainly none of a command that was sent first at `since`. */
export const isBefore = (time: Instant, since: Instant): boolean =>
  time < plusSeconds(since, -slackSeconds);

/** Ids that are kept of a stream. */
const kept = 64;

/**
 * The ids of the last records of a stream, by which a repeated command finds what it led to: one
 * that is not among them is looked for in the store.
 */
export class RecentIds {
  readonly #versions = new Map<string, { readonly version: number; readonly time: Instant }>();
  #last: number;
  /** The latest time of a record before those; null where there is none, or it is not known yet. */
  #before: Instant | null;

  /**
   * @param from version of the first record that will be added
   * @param before the time of the record before it, null where it is not known
   */
  constructor(
    private readonly from: number,
    before: Instant | null = null,
  ) {
    this.#last = from - 1;
    this.#before = before;
  }

  /** The ids of all records from here on are kept. */
  get keptFrom(): number {
    for (const { version } of this.#versions.values()) return version;
    return this.from;
  }

  versionOf(id: string): number | undefined {
    return this.#versions.get(id)?.version;
  }

  /** Records come in order; one that came before changes nothing. */
  add(id: string, version: number, time: Instant): void {
    if (version <= this.#last) return;
    this.#last = version;
    // Those before it are not later, but for the difference of clocks.
    if (this.from > 0) this.#before ??= time;
    if (!this.#versions.has(id)) this.#versions.set(id, { version, time });
    if (this.#versions.size <= kept) return;
    for (const [oldest, record] of this.#versions) {
      this.#versions.delete(oldest);
      if (this.#before === null || record.time > this.#before) this.#before = record.time;
      return;
    }
  }

  /** Whether a record before those may be of a command that was sent first at `since`. */
  mayMiss(since: Instant): boolean {
    return this.#before === null || !isBefore(this.#before, since);
  }
}
