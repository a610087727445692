import { digest128 } from './hashing.js';
import { NamedRows } from './named-rows.js';

/** 128 bits each. */
const columns = { department: 0, applicant: 4, window: 8, width: 12 };

/** The cases that holders opened online: for which department, by whom, and who took them last. */
export class OnlineRows {
  /** By stream. */
  readonly #rows = new NamedRows(columns.width);

  /** What comes again changes nothing. */
  add(stream: string, department: string, applicant: string): void {
    if (this.has(stream)) return;
    const row = this.#rows.add(stream);
    this.#set(row, columns.department, department);
    this.#set(row, columns.applicant, applicant);
  }

  take(stream: string, window: string): void {
    this.#set(this.#rows.find(stream), columns.window, window);
  }

  has(stream: string): boolean {
    return this.#rows.find(stream) >= 0;
  }

  isOfDepartment(stream: string, department: string): boolean {
    return this.#holds(stream, columns.department, department);
  }

  isOfApplicant(stream: string, subject: string): boolean {
    return this.#holds(stream, columns.applicant, subject);
  }

  isAtWindow(stream: string, window: string): boolean {
    return this.#holds(stream, columns.window, window);
  }

  #set(row: number, column: number, name: string): void {
    for (const [n, word] of wordsOf(name).entries()) this.#rows.set(row, column + n, word);
  }

  #holds(stream: string, column: number, name: string): boolean {
    const row = this.#rows.find(stream);
    return row >= 0 && wordsOf(name).every((word, n) => this.#rows.get(row, column + n) === word);
  }
}

/** A digest as four integers of 32 bits. */
function wordsOf(name: string): readonly number[] {
  const digest = digest128([name]);
  return [0, 8, 16, 24].map((at) => Number.parseInt(digest.slice(at, at + 8), 16) | 0);
}
