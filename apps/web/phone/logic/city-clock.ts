/** The ledger takes what is signed within a minute of its own clock. */
export const allowedSkew = 60_000;

/**
 * How far the phone's clock is before (+) or behind (−) the city's, by the `Date` of an answer,
 * which counts whole seconds; null where the answer does not say.
 */
export function skewOf(date: string | null, now: number): number | null {
  const told = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(told) ? null : now - (told + 500);
}

/** Signing would be refused: the person has to set the clock. */
export const clockIsWrong = (skew: number): boolean => Math.abs(skew) > allowedSkew - 2000;

type Listener = (skew: number) => void;

/** What the page knows of the city's time, from every answer that it gets. */
export class CityClock {
  #skew = 0;
  readonly #listeners = new Set<Listener>();

  /** Milliseconds since 1970 by the city's clock. */
  now(): number {
    return Date.now() - this.#skew;
  }

  observe({ headers }: Pick<Response, 'headers'>): void {
    const skew = skewOf(headers.get('date'), Date.now());
    if (skew === null) return;
    this.#skew = skew;
    for (const listener of this.#listeners) listener(skew);
  }

  /** @returns ends it */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const cityClock = new CityClock();
