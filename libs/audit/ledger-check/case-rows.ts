import { participantRoles } from '#libs/catalogue';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { list, type DecodedRecord, text } from './decoded-record.js';
import { seconds } from './moments.js';
import { NamedRows } from './named-rows.js';

/**
 * Numbers of a case: versions, each + 1, so that 0 is none, when it was closed, and a bit for each
 * role whose participant was identified by its own code or key.
 */
const columns = { opened: 0, closed: 1, closedAt: 2, itself: 3, width: 4 };
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

  close({ at, said }: DecodedRecord): void {
    const row = this.#rows.add(at.stream);
    if (this.#rows.get(row, columns.closed) !== 0) return;
    this.#rows.set(row, columns.closed, at.version + 1);
    this.#rows.set(row, columns.closedAt, seconds(text(said, 'time')));
  }

  /** Seconds; null where the case was not closed. */
  closedAt(row: number): number | null {
    return this.#rows.get(row, columns.closed) === 0 ? null : this.#rows.get(row, columns.closedAt);
  }

  /** Whether the participant was identified by its own code or key, and not by a typed number. */
  namedItself(row: number, role: string): boolean {
    return (this.#rows.get(row, columns.itself) & bitOf(role)) !== 0;
  }

  /** @param seen how many records of the case were read */
  wasOpenAt(row: number, seen: number): boolean {
    const opened = this.#rows.get(row, columns.opened);
    const closed = this.#rows.get(row, columns.closed);
    return opened !== 0 && opened <= seen && (closed === 0 || closed > seen);
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
