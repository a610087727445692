import { randomInt } from 'node:crypto';
import type { Finding } from '#libs/audit/ledger-check';

/** Where a record stands in the untouched ledger. */
export interface Place {
  /** From 1, in the order of the ledger. */
  readonly position: number;
  readonly stream: string;
  readonly version: number;
}

/** What a change makes wrong: what must be said first. */
export interface Wrong {
  /** Where the first wrong record stands, from 0. */
  readonly leaf: number;
  /**
   * It is one of these: what stands there, or what stood there. Empty: the end was cut off there,
   * and no record can be named.
   */
  readonly records: readonly Pick<Place, 'stream' | 'version'>[];
}

export const wrongAt = (
  position: number,
  ...records: readonly Pick<Place, 'stream' | 'version'>[]
): Wrong => ({
  leaf: position - 1,
  records,
});

export const one = (places: readonly Place[]): Place => places[randomInt(places.length)]!;

export function two(places: readonly Place[]): [Place, Place] {
  const [a, b] = [one(places), one(places)];
  return a.position === b.position ? two(places) : [a, b];
}

export const coin = (): boolean => randomInt(2) === 0;

/** Records that stand together, and the order in which they come instead: never their own. */
export function shuffled(places: readonly Place[]): { here: readonly Place[]; there: Place[] } {
  const length = 3 + randomInt(18);
  const at = randomInt(places.length - length);
  const here = places.slice(at, at + length);
  const there = [...here];
  while (there.every((place, n) => place === here[n]))
    for (let n = length - 1; n > 0; n--) {
      const other = randomInt(n + 1);
      [there[n], there[other]] = [there[other]!, there[n]!];
    }
  return { here, there };
}

/**
 * Whether what was found first is the first that is wrong: the record, or from where to where the
 * end is missing.
 * @param count how many records the untouched ledger has
 */
export function isNamed(
  [first]: readonly Finding[],
  { leaf, records }: Wrong,
  count: number,
): boolean {
  if (first?.leaf !== leaf) return false;
  if (records.length === 0) return first.what === 'missing' && first.until === count - 1;
  return records.some(
    ({ stream, version }) => stream === first.stream && version === first.version,
  );
}
