import { participantRoles } from '#libs/catalogue';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { list, type DecodedRecord, text } from './decoded-record.js';
import { seconds } from './moments.js';
import { NamedRows } from './named-rows.js';

/**
 * Numbers of a case: versions, each + 1, so that 0 is none, when it was closed, and a bit for each
 * role whose participant's own code was scanned.
 */
const columns = { opened: 0, closed: 1, closedAt: 2, scanned: 3, width: 4 };
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
    this.#rows.set(row, columns.scanned, scannedIn(said));
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

  wasScanned(row: number, role: string): boolean {
    return (this.#rows.get(row, columns.scanned) & bitOf(role)) !== 0;
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

/** The roles whose participants were identified by their own codes, a bit each. */
const scannedIn = (said: JsonObject): number =>
  list(said['participants']).reduce<number>(
    (bits, one) =>
      isObject(one) && one['identifiedBy'] === 'code' ? bits | bitOf(one['role']) : bits,
    0,
  );
