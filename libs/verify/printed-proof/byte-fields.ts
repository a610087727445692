import { utf8Bytes, utf8Text } from '#libs/kernel';
import { unreadable } from './printed-proof.errors.js';

/** Fields one behind the other; numbers have their highest byte first. */
export class FieldWriter {
  readonly #parts: number[] = [];

  bytes(bytes: Uint8Array): this {
    this.#parts.push(...bytes);
    return this;
  }

  /** @param width of the number, in bytes */
  number(value: number, width: number): this {
    for (let n = width - 1; n >= 0; n--) this.#parts.push(Math.floor(value / 256 ** n) % 256);
    return this;
  }

  /** UTF-8, behind one byte with its length. */
  text(text: string): this {
    const bytes = utf8Bytes(text);
    return this.number(bytes.length, 1).bytes(bytes);
  }

  done(): Uint8Array {
    return new Uint8Array(this.#parts);
  }
}

/** Reads what `FieldWriter` wrote. @throws PrintedProofRefused where there is less than that */
export class FieldReader {
  #at = 0;

  constructor(private readonly whole: Uint8Array) {}

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.whole.length) throw unreadable();
    const bytes = this.whole.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }

  number(width: number): number {
    return this.bytes(width).reduce((value, byte) => value * 256 + byte, 0);
  }

  text(): string {
    return this.characters(this.number(1));
  }

  /** UTF-8 of so many bytes. */
  characters(length: number): string {
    try {
      return utf8Text(this.bytes(length));
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  rest(): Uint8Array {
    return this.bytes(this.whole.length - this.#at);
  }

  /** Nothing may be left. */
  end(): void {
    if (this.#at !== this.whole.length) throw unreadable();
  }
}
