import { createHash, randomInt } from 'node:crypto';
import type { DoubleEvent } from '../eventstore/log.js';
import { coin, one, type Place, shuffled, two, type Wrong, wrongAt } from './place.js';

/**
 * Changes the events outside the program, as is possible with access to the event store's disk.
 * Position n of the ledger is the n-th event.
 * @returns what is stored afterwards, and the expected findings
 */
type Way = (
  events: readonly DoubleEvent[],
  places: readonly Place[],
) => readonly [readonly DoubleEvent[], Wrong];

const hashOf = (data: Uint8Array): Uint8Array =>
  createHash('sha256')
    .update(new Uint8Array([0]))
    .update(data)
    .digest();

const replaced = (
  events: readonly DoubleEvent[],
  changes: ReadonlyMap<number, DoubleEvent>,
): DoubleEvent[] => events.map((event, n) => changes.get(n + 1) ?? event);

const at = (events: readonly DoubleEvent[], { position }: Place): DoubleEvent =>
  events[position - 1]!;

/** What is written in another event, in the place of this one. */
const contentOf = (place: DoubleEvent, { data, metadata, type }: DoubleEvent): DoubleEvent => ({
  ...place,
  data,
  metadata,
  type,
});

/** A bit of the bytes, with the hash left or made anew; or a bit of the hash. */
const flip: Way = (events, places) => {
  const place = one(places);
  const event = at(events, place);
  const flipped = (bytes: Uint8Array) => {
    const copy = Uint8Array.from(bytes);
    const bit = randomInt(8 * copy.length);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  };
  const ofHash = randomInt(4) === 0;
  const data = ofHash ? event.data : flipped(event.data);
  const metadata = ofHash ? flipped(event.metadata) : coin() ? hashOf(data) : event.metadata;
  const changed = new Map([[place.position, { ...event, data, metadata }]]);
  return [replaced(events, changed), wrongAt(place.position, place)];
};

/** Leaves a gap in the stream, or closes it. What is missing is known from the log. */
const remove: Way = (events, places) => {
  const place = one(places);
  const gone = at(events, place);
  const closed = coin();
  const rest = events
    .filter((event) => event !== gone)
    .map((event) =>
      closed && event.stream === gone.stream && event.revision > gone.revision
        ? { ...event, revision: event.revision - 1 }
        : event,
    );
  return [rest, wrongAt(place.position, place)];
};

/** Two events change places, or what they say does. */
const swap: Way = (events, places) => {
  const [a, b] = two(places);
  const [first, second] = [at(events, a), at(events, b)];
  const changes = coin()
    ? new Map([
        [a.position, { ...second, position: first.position }],
        [b.position, { ...first, position: second.position }],
      ])
    : new Map([
        [a.position, contentOf(first, second)],
        [b.position, contentOf(second, first)],
      ]);
  return [replaced(events, changes), wrongAt(Math.min(a.position, b.position), a, b)];
};

/** A record stands a second time: over another one, or behind the last as its stream's next. */
const duplicate: Way = (events, places) => {
  const [a, b] = two(places);
  if (coin()) {
    const over = contentOf(at(events, a), at(events, b));
    return [replaced(events, new Map([[a.position, over]])), wrongAt(a.position, a)];
  }
  const again = at(events, a);
  const inStream = events.filter(({ stream }) => stream === again.stream).length;
  const last = events.at(-1)!.position;
  const added = { ...again, revision: inStream, position: last + 1000n };
  // No leaf: it was never sealed.
  return [[...events, added], wrongAt(0, { stream: a.stream, version: inStream })];
};

/** The end is cut off. What is missing first is known from the log. */
const truncate: Way = (events, places) => {
  const kept = randomInt(places.length);
  return [events.slice(0, kept), wrongAt(kept + 1, places[kept]!)];
};

/** Events that stand together come in another order. */
const reorder: Way = (events, places) => {
  const { here, there } = shuffled(places);
  const changes = new Map(
    here.map((place, n) => {
      const to = there[n]!;
      return [to.position, { ...at(events, place), position: at(events, to).position }];
    }),
  );
  const first = here.findIndex((place, n) => place !== there[n]);
  return [replaced(events, changes), wrongAt(here[first]!.position, ...here)];
};

export const waysOfLog: Readonly<Record<string, Way>> = {
  flip,
  delete: remove,
  swap,
  duplicate,
  truncate,
  reorder,
};
