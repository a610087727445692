import type { RuleInput } from './rule-input.js';

const lineEnd = 0x0a;

/**
 * Rule inputs of a range as lines of bytes, outside the heap: they pass to another thread without a
 * copy, and are parsed one by one.
 */
export class RuleInputLines {
  #lines: Buffer = Buffer.from(new ArrayBuffer(128 * 1024));
  #end = 0;

  /** @param text JSON, which holds no line end */
  add(text: string): void {
    const most = this.#end + 3 * text.length + 1;
    if (most > this.#lines.length) {
      const more = Buffer.from(new ArrayBuffer(Math.max(most, 2 * this.#lines.length)));
      this.#lines.copy(more, 0, 0, this.#end);
      this.#lines = more;
    }
    this.#end += this.#lines.write(text, this.#end, 'utf8');
    this.#lines[this.#end++] = lineEnd;
  }

  /** All of them; nothing may be added behind that. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#lines.subarray(0, this.#end) as Uint8Array<ArrayBuffer>;
  }
}

/**
 * In order, each parsed when it is needed: all of a range's inputs at once would survive several
 * garbage collections.
 */
export function* ruleInputsIn(lines: Uint8Array): Generator<RuleInput, void> {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  for (let at = 0; at < text.length;) {
    const end = text.indexOf(lineEnd, at);
    yield JSON.parse(text.toString('utf8', at, end)) as RuleInput;
    at = end + 1;
  }
}
