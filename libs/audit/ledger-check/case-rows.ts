import { participantRoles } from '#libs/catalogue';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { list, type DecodedRecord, text } from './decoded-record.js';
import { seconds } from './moments.js';
import { NamedRows } from './named-rows.js';

/**
 * Numbers of a case: versions, each + 1, so that 0 is none, and when that was; a bit for each role
 * whose participant was identified by its own code or key; how many releases it has, and when the
 * last was. `before` is the version at which it was taken before it was given back; `prints` is 1
 * where a kiosk prints what it is about.
 */
const columns = {
  opened: 0,
  closed: 1,
  closedAt: 2,
  itself: 3,
  before: 4,
  returned: 5,
  returnedAt: 6,
  releases: 7,
  releasedAt: 8,
  prints: 9,
  width: 10,
};
const roles = Object.keys(participantRoles);

/**
 * When each case of a ledger was opened and closed. A case is opened and closed once: repeated
 * events change nothing.
 */
export class CaseRows {
  /** By stream. */
  readonly #rows = new NamedRows(columns.width);

  /** The row of a case by its id; −1 where there is none. */
  find(id: string): number {
    return this.#rows.find(`case-${id}`);
  }

  /** The row of a case by its id, made where there is none. */
  add(id: string): number {
    return this.#rows.add(`case-${id}`);
  }

  open({ at, said }: DecodedRecord): void {
    const row = this.#rows.add(at.stream);
    if (this.#rows.get(row, columns.opened) !== 0) return;
    this.#rows.set(row, columns.opened, at.version + 1);
    this.#rows.set(row, columns.itself, rolesIdentifiedBy('code', said));
    if (said['selfService'] === 'print') this.#rows.set(row, columns.prints, 1);
  }

  /** What data may be used for in the case. */
  actionOf(row: number): 'read' | 'print' {
    return this.#rows.get(row, columns.prints) === 1 ? 'print' : 'read';
  }

  /** A case opened online is open at no window, until one takes it. */
  noteKeys({ at, said }: DecodedRecord): void {
    const row = this.#rows.add(at.stream);
    if (this.#rows.get(row, columns.opened) === 0)
      this.#rows.set(row, columns.itself, rolesIdentifiedBy('key', said));
  }

  /** @returns whether it was open at no window before, and not closed */
  take({ at }: DecodedRecord): boolean {
    const row = this.#rows.add(at.stream);
    if (this.#rows.get(row, columns.opened) !== 0 || this.#rows.get(row, columns.closed) !== 0)
      return false;
    this.#rows.set(row, columns.opened, at.version + 1);
    return true;
  }

  /** @returns whether it was at a window, and not closed */
  giveBack({ at, said }: DecodedRecord): boolean {
    const row = this.#rows.add(at.stream);
    const taken = this.#rows.get(row, columns.opened);
    if (taken === 0 || this.#rows.get(row, columns.closed) !== 0) return false;
    this.#rows.set(row, columns.opened, 0);
    this.#rows.set(row, columns.before, taken);
    this.#rows.set(row, columns.returned, at.version + 1);
    this.#rows.set(row, columns.returnedAt, seconds(text(said, 'time')));
    return true;
  }

  noteRelease(row: number, time: string): void {
    this.#rows.set(row, columns.releases, this.#rows.get(row, columns.releases) + 1);
    this.#rows.set(row, columns.releasedAt, seconds(time));
  }

  noteWithheld(row: number): void {
    this.#rows.set(row, columns.releases, Math.max(0, this.#rows.get(row, columns.releases) - 1));
  }

  /** When data were released for it last, in seconds; null where none were. */
  releasedAt({ at }: DecodedRecord): number | null {
    const row = this.#rows.add(at.stream);
    return this.#rows.get(row, columns.releases) === 0
      ? null
      : this.#rows.get(row, columns.releasedAt);
  }

  close({ at, said }: DecodedRecord): void {
    const row = this.#rows.add(at.stream);
    if (this.#rows.get(row, columns.closed) !== 0) return;
    this.#rows.set(row, columns.closed, at.version + 1);
    this.#rows.set(row, columns.closedAt, seconds(text(said, 'time')));
  }

  /**
   * When it was closed, or given back by the window that had it; null where neither was.
   * @param seen how many records of the case were read
   */
  overAt(row: number, seen: number): number | null {
    if (this.#rows.get(row, columns.closed) !== 0) return this.#rows.get(row, columns.closedAt);
    const returned = this.#rows.get(row, columns.returned);
    const isOver = returned !== 0 && (seen < returned || this.#rows.get(row, columns.opened) === 0);
    return isOver ? this.#rows.get(row, columns.returnedAt) : null;
  }

  /** Whether the participant was identified by its own code or key, and not by a typed number. */
  namedItself(row: number, role: string): boolean {
    return (this.#rows.get(row, columns.itself) & bitOf(role)) !== 0;
  }

  /** @param seen how many records of the case were read */
  wasOpenAt(row: number, seen: number): boolean {
    const opened = this.#rows.get(row, columns.opened);
    const closed = this.#rows.get(row, columns.closed);
    if (opened !== 0 && opened <= seen) return closed === 0 || closed > seen;
    const before = this.#rows.get(row, columns.before);
    return before !== 0 && before <= seen && seen < this.#rows.get(row, columns.returned);
  }
}

const bitOf = (role: JsonValue | undefined): number =>
  roles.some((each) => each === role) ? 1 << roles.findIndex((each) => each === role) : 0;

/** The roles whose participants were identified so, a bit each. */
const rolesIdentifiedBy = (how: 'code' | 'key', said: JsonObject): number =>
  list(said['participants']).reduce<number>(
    (bits, one) =>
      isObject(one) && one['identifiedBy'] === how ? bits | bitOf(one['role']) : bits,
    0,
  );
