import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * How long a line waits for a slow reader, in milliseconds; after that it is lost, as are later
 * ones until one is accepted.
 */
const patienceMs = 1000;

/** Owner and group, such as a log collector's, may read it. */
const mode = 0o640;

const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes log lines synchronously to a file or to standard error. Lines that cannot be written are
 * counted and dropped, so that no full disk, closed pipe or revoked folder blocks the process, and
 * the next successful line says how many were lost.
 */
export class LogFile {
  #fd: number;
  #lost = 0;
  #lostSince = '';
  #torn = false;
  #everLost = 0;

  /**
   * @param path of a file; undefined for standard error. @throws the file system's error where it
   *   cannot be opened
   */
  constructor(private readonly path?: string) {
    this.#fd = path === undefined ? 2 : open(path);
  }

  /** Lines that were lost since the process started. */
  get lost(): number {
    return this.#everLost;
  }

  /** @param line ends with a line feed */
  write(line: string): void {
    const before = this.#lost > 0 ? this.#account() : '';
    // Lines must stay distinguishable, also after a truncated one.
    const bytes = Buffer.from(`${this.#torn ? '\n' : ''}${before}${line}`);
    const written = this.#writeAll(bytes);
    if (written === bytes.length) {
      this.#torn = false;
      this.#lost = 0;
      return;
    }
    if (written > 0) this.#torn = bytes[written - 1] !== 0x0a;
    if (this.#lost === 0) this.#complain();
    this.#lost++;
    this.#everLost++;
  }

  /** Reopens the file, which may have been moved away. Where that fails the old one stays open. */
  reopen(): void {
    if (this.path === undefined) return;
    try {
      const fresh = open(this.path);
      closeSync(this.#fd);
      this.#fd = fresh;
      this.#torn = false;
    } catch {
      this.#complain();
    }
  }

  #account(): string {
    return `${JSON.stringify({ level: 40, time: new Date().toISOString(), lost: this.#lost, since: this.#lostSince, msg: 'log_lines_lost' })}\n`;
  }

  /** @returns how many bytes were written */
  #writeAll(bytes: Buffer): number {
    let done = 0;
    const until = performance.now() + (this.#lost > 0 ? 0 : patienceMs);
    while (done < bytes.length) {
      try {
        done += writeSync(this.#fd, bytes, done);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EINTR') continue;
        if (code !== 'EAGAIN' || performance.now() > until) break;
        Atomics.wait(pause, 0, 0, 5);
      }
    }
    return done;
  }

  /** Once for each period of loss. */
  #complain(): void {
    this.#lostSince = new Date().toISOString();
    if (this.path === undefined) return;
    try {
      writeSync(2, `The log ${this.path} cannot be written; lines are lost until it can.\n`);
    } catch {
      // Standard error cannot be written either.
    }
  }
}

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a', mode);
}
