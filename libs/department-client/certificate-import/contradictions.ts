import { createHash } from 'node:crypto';
import { LineRefused } from './rows.js';
import type { VersionLine } from './versions.js';

const fewestSlots = 1024;

/**
 * Papers of which a file says different things as of one time: it is unknown which is meant, so
 * that none of these lines is submitted. It keeps the first 64 bits of SHA-256 of paper, time and
 * content, 20 bytes a slot: a collision among a million papers has a chance of 1 in 37 millions,
 * and costs a refused line.
 */
export class Contradictions {
  #papers = new BigUint64Array(fewestSlots);
  #said = new BigUint64Array(fewestSlots);
  /** Where the paper stands first; 0 where the slot is empty. */
  #lines = new Uint32Array(fewestSlots);
  #filled = 0;
  readonly #contradicted = new Map<bigint, number>();

  /** How many papers of one time were found. */
  get found(): number {
    return this.#contradicted.size;
  }

  /** Takes in what a line says, in the order of the file. */
  see(line: VersionLine, at: number): void {
    if (!line.numbered) return;
    const paper = paperAndTime(line);
    const said = shortHash(JSON.stringify(line.content));
    const slot = this.#slotOf(paper);
    const first = this.#lines[slot] ?? 0;
    if (first === 0) this.#fill(slot, paper, said, at);
    else if (this.#said[slot] !== said) this.#contradicted.set(paper, first);
  }

  /** @throws LineRefused `as_of_repeated` where another line says something else */
  mustNotHold(line: VersionLine): void {
    if (!line.numbered || this.#contradicted.size === 0) return;
    const first = this.#contradicted.get(paperAndTime(line));
    if (first === undefined) return;
    throw new LineRefused(
      'as_of_repeated',
      'the same paper says something else as of the same time',
      { column: 'as_of', asOf: line.content.asOf ?? null, firstLine: first },
    );
  }

  #slotOf(paper: bigint): number {
    const slots = this.#lines.length;
    let slot = Number(paper % BigInt(slots));
    while (this.#lines[slot] !== 0 && this.#papers[slot] !== paper) slot = (slot + 1) % slots;
    return slot;
  }

  #fill(slot: number, paper: bigint, said: bigint, line: number): void {
    this.#papers[slot] = paper;
    this.#said[slot] = said;
    this.#lines[slot] = line;
    if (++this.#filled * 2 > this.#lines.length) this.#grow();
  }

  #grow(): void {
    const [papers, said, lines] = [this.#papers, this.#said, this.#lines];
    const slots = lines.length * 2;
    this.#papers = new BigUint64Array(slots);
    this.#said = new BigUint64Array(slots);
    this.#lines = new Uint32Array(slots);
    for (const [n, line] of lines.entries()) {
      if (line === 0) continue;
      const paper = papers[n] ?? 0n;
      const slot = this.#slotOf(paper);
      this.#papers[slot] = paper;
      this.#said[slot] = said[n] ?? 0n;
      this.#lines[slot] = line;
    }
  }
}

const paperAndTime = ({ content, paper }: VersionLine): bigint =>
  shortHash(`${content.asOf ?? ''} ${paper}`);

const shortHash = (text: string): bigint =>
  createHash('sha256').update(text).digest().readBigUInt64BE();
