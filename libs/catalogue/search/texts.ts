/**
 * Distinct texts, each with the matters that have it, found by any part: through the texts that
 * have the rarest pair of letters of the part, instead of through all.
 */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #owners: number[][] = [];
  /** By one or two code units. */
  readonly #holders = new Map<number, number[]>();

  /** Texts are added in the order of their owners. */
  add(text: string, owner: number): void {
    if (text === '') return;
    const known = this.#ids.get(text);
    const owners = known === undefined ? this.#begin(text) : this.#owners[known];
    if (owners !== undefined && owners.at(-1) !== owner) owners.push(owner);
  }

  /** Calls back for each text with the part, and where it first stands there. */
  holding(part: string, found: (text: string, at: number, owners: readonly number[]) => void) {
    for (const id of this.#rarest(part)) {
      const text = this.#texts[id] ?? '';
      const at = text.indexOf(part);
      if (at >= 0) found(text, at, this.#owners[id] ?? []);
    }
  }

  /** Calls back for each text that has one of the parts, once. */
  holdingSome(parts: readonly string[], found: (text: string, owners: readonly number[]) => void) {
    const seen = new Set<number>();
    for (const part of parts)
      for (const id of this.#rarest(part)) {
        if (seen.has(id)) continue;
        seen.add(id);
        found(this.#texts[id] ?? '', this.#owners[id] ?? []);
      }
  }

  #begin(text: string): number[] {
    const id = this.#texts.push(text) - 1;
    const owners: number[] = [];
    this.#ids.set(text, id);
    this.#owners.push(owners);
    for (const gram of gramsOf(text)) {
      const holders = this.#holders.get(gram);
      if (holders === undefined) this.#holders.set(gram, [id]);
      else if (holders.at(-1) !== id) holders.push(id);
    }
    return owners;
  }

  /** Ids of texts that may hold the part. */
  #rarest(part: string): readonly number[] {
    if (part.length === 1) return this.#holders.get(part.charCodeAt(0)) ?? [];
    let rarest: readonly number[] | null = null;
    for (let n = 0; n + 1 < part.length; n++) {
      const holders = this.#holders.get(pairAt(part, n)) ?? [];
      if (rarest === null || holders.length < rarest.length) rarest = holders;
    }
    return rarest ?? [];
  }
}

const pairAt = (text: string, at: number): number =>
  (text.charCodeAt(at) + 1) * 0x1_0000 + text.charCodeAt(at + 1);

function* gramsOf(text: string): Generator<number> {
  for (let n = 0; n < text.length; n++) {
    yield text.charCodeAt(n);
    if (n + 1 < text.length) yield pairAt(text, n);
  }
}
