/**
 * Concurrent requests: enough to hide the round trip, and few beside what a city answers a client
 * in a second.
 */
export const atOnce = 4;

/** The results for the items, in order, with up to `most` requests concurrently. */
export async function* ahead<Item, Fetched>(
  items: Iterable<Item>,
  most: number,
  fetch: (item: Item) => Promise<Fetched>,
): AsyncGenerator<Fetched, void> {
  const underWay: Promise<Fetched>[] = [];
  for (const item of items) {
    const fetched = fetch(item);
    fetched.catch(() => undefined); // thrown where it is awaited
    underWay.push(fetched);
    const first = underWay.length < most ? undefined : underWay.shift();
    if (first !== undefined) yield await first;
  }
  for (const fetched of underWay) yield await fetched;
}
