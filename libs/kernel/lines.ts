/** A physical line, counted from 1. */
export interface ByteLine {
  readonly line: number;
  /** Without its end (LF or CRLF). Empty where it is too long. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole up to and with its end. */
  readonly upTo: number;
  /** Longer than `maxBytes`: it was counted, and not kept. */
  readonly tooLong: boolean;
}

/**
 * How a line feed is written: one byte in UTF-8 and GB18030, where no other letter holds that byte,
 * two in UTF-16.
 */
export type LineFeed = 'byte' | 'utf-16le' | 'utf-16be';

/**
 * Cuts bytes that come in chunks into lines, before anything is decoded: what cannot be decoded,
 * and what is too long, is then one line's fault. Keeps at most one line and the newest chunk.
 */
export class LineCutter {
  #pending: Uint8Array[] = [];
  #length = 0;
  #line = 0;
  #upTo = 0;

  /** @param maxBytes of a line, without its end */
  constructor(
    private readonly maxBytes: number,
    private readonly feed: LineFeed = 'byte',
  ) {}

  /** The lines that end in this chunk. They share its memory. */
  push(chunk: Uint8Array): ByteLine[] {
    const lines: ByteLine[] = [];
    let start = 0;
    for (let end = this.#ending(chunk, 0); end !== -1; end = this.#ending(chunk, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** What stands behind the last line end, if anything. */
  end(): ByteLine[] {
    return this.#length === 0 ? [] : [this.#take()];
  }

  /** Behind the next line feed, or -1. */
  #ending(chunk: Uint8Array, from: number): number {
    if (this.feed === 'utf-16le' && this.#endedWithin(chunk, from)) return from + 1;
    for (let at = chunk.indexOf(0x0a, from); at !== -1; at = chunk.indexOf(0x0a, at + 1)) {
      if (this.feed === 'byte') return at + 1;
      // Lines begin at whole units, so the place within the line tells which half of one this byte
      // is.
      const half = (this.#length + at - from) % 2;
      if (this.feed === 'utf-16be') {
        const before = at > from ? chunk[at - 1] : this.#pending.at(-1)?.at(-1);
        if (half === 1 && before === 0) return at + 1;
      } else if (half === 0) {
        if (chunk[at + 1] === 0) return at + 2;
        // The chunk ends within the unit: its other half comes with the next one.
      }
    }
    return -1;
  }

  /**
   * UTF-16LE: whether the line feed's first byte ended the chunk before, and its second begins this
   * one.
   */
  #endedWithin(chunk: Uint8Array, from: number): boolean {
    return (
      from === 0 &&
      this.#length % 2 === 1 &&
      chunk[0] === 0 &&
      this.#pending.at(-1)?.at(-1) === 0x0a
    );
  }

  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length;
    this.#upTo += bytes.length;
    // Two units more than the longest, for the line's end.
    if (this.#length <= this.maxBytes + 4) this.#pending.push(bytes);
    // The last byte is kept for what is asked of it above.
    else this.#pending = bytes.length > 0 ? [bytes.slice(-1)] : this.#pending;
  }

  #take(): ByteLine {
    const kept = this.#length <= this.maxBytes + 4;
    const whole = kept ? joined(this.#pending) : new Uint8Array(0);
    const bytes = whole.subarray(0, whole.length - endOf(whole, this.feed));
    const tooLong = !kept || bytes.length > this.maxBytes;
    this.#pending = [];
    this.#length = 0;
    this.#line++;
    return {
      line: this.#line,
      bytes: tooLong ? new Uint8Array(0) : bytes,
      upTo: this.#upTo,
      tooLong,
    };
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes of the line's end: LF, or CR and LF. */
function endOf(bytes: Uint8Array, feed: LineFeed): number {
  const unit = feed === 'byte' ? 1 : 2;
  const unitAt = (end: number): number => {
    const [a = -1, b = -1] = bytes.subarray(Math.max(0, end - unit), end);
    if (end < unit) return -1;
    if (feed === 'byte') return a;
    return feed === 'utf-16le' ? a + b * 256 : a * 256 + b;
  };
  if (unitAt(bytes.length) !== 0x0a) return 0;
  return unitAt(bytes.length - unit) === 0x0d ? 2 * unit : unit;
}
