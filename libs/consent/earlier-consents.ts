import type { EventStore, StoredRecord } from '#libs/event-store';
import { type Instant, plusSeconds } from '#libs/kernel';
import { after, type Consent } from './book.js';
import type { ConsentEvent } from './consent.events.js';
import { bookRules } from './consent.stream.js';
import type { ConsentPlace, ConsentPlaces } from './ports.js';

/** Records read at once. */
const page = 256;
/** How far the clocks of processes may differ, in seconds. */
const clockSeconds = 60;

type Store = Pick<EventStore, 'readStream'>;

/** Requested in `[from, to)`, and what was recorded before `until`. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly until?: number | undefined;
}

/** A record of a book, as the event that it is of. */
export const eventIn = ({ body: { type, schema, data } }: StoredRecord): ConsentEvent =>
  bookRules.codec.upcast(type, schema, data);

/**
 * Consents that were requested before what is kept of a book, read from the records that are
 * theirs. The index tells where they are; where it lags, the book is searched.
 */
export class EarlierConsents {
  constructor(
    private readonly store: Store,
    private readonly places: ConsentPlaces,
  ) {}

  /**
   * Of those wanted, the consents that were requested in `[from, to)` of a book.
   * @param newest a consent of the book that was requested at `to` or later
   */
  async find(
    stream: string,
    { from, to, until }: Range,
    wanted: { readonly ofCase: string } | { readonly consents: readonly string[] },
    newest: string | undefined,
  ): Promise<readonly Consent[]> {
    const places = newest === undefined ? null : await this.places.find(wanted, newest);
    if (places === null) {
      const isWanted = (event: ConsentEvent) =>
        event.type === 'ConsentRequested' &&
        ('ofCase' in wanted
          ? event.data.case === wanted.ofCase
          : wanted.consents.includes(event.data.consent));
      return this.#follow(stream, { from, to, until }, isWanted);
    }
    const found = await Promise.all(
      places
        .filter(({ version }) => version >= from && version < to)
        .map((place) => this.#at(stream, place, until)),
    );
    return found.flatMap((consent) => consent ?? []).sort((a, b) => a.version - b.version);
  }

  /** The last consents that were requested before `to`, at most `count`, the latest first. */
  async latest(stream: string, to: number, count: number): Promise<readonly Consent[]> {
    let from = to;
    for (let requests = 0; from > 0 && requests < count;) {
      const start = Math.max(0, from - page);
      const records = await this.store.readStream(stream, start, from - start);
      requests += records.filter(({ body }) => body.type === 'ConsentRequested').length;
      from = start;
    }
    const all = await this.#follow(stream, { from, to }, ({ type }) => type === 'ConsentRequested');
    return all.reverse().slice(0, count);
  }

  /** The index may name a consent of another book: the record decides. */
  async #at(
    stream: string,
    { consent, version, later }: ConsentPlace,
    until = Number.POSITIVE_INFINITY,
  ): Promise<Consent | null> {
    const [found] = await this.#follow(
      stream,
      { from: version, to: version + 1, until },
      (event) => event.type === 'ConsentRequested' && event.data.consent === consent,
    );
    if (found === undefined) return null;
    let last = found;
    for (const place of later.filter((at) => at < until)) {
      const [record] = await this.store.readStream(stream, place, 1);
      if (record !== undefined) last = applied(last, record) ?? last;
    }
    return last;
  }

  /**
   * What became of the consents that `isWanted` and that were requested in `[from, to)`. It is read
   * on until nothing more can follow for any of them.
   */
  async #follow(
    stream: string,
    { from, to, until = Number.POSITIVE_INFINITY }: Range,
    isWanted: (event: ConsentEvent) => boolean,
  ): Promise<Consent[]> {
    const found = new Map<string, Consent>();
    for (let next = from; ;) {
      const records = await this.store.readStream(stream, next, page);
      for (const record of records) {
        const { version, time } = record.body;
        if (version >= until || (version >= to && time > lastMoment(found.values())))
          return [...found.values()];
        const event = eventIn(record);
        const known = found.get(event.data.consent);
        if (known === undefined && !(version < to && isWanted(event))) continue;
        const consent = applied(known, record);
        if (consent !== undefined) found.set(event.data.consent, consent);
      }
      next += records.length;
      if (records.length < page) return [...found.values()];
    }
  }
}

const applied = (consent: Consent | undefined, record: StoredRecord): Consent | undefined => {
  const { hash, body } = record;
  return after(consent, eventIn(record), { version: body.version, hash, time: body.time });
};

/** When the last of them can be answered, redeemed or read again; the clocks' difference later. */
function lastMoment(consents: Iterable<Consent>): Instant {
  let last = '';
  for (const consent of consents)
    for (const until of [
      consent.request.answerBy,
      'grant' in consent ? (consent.grant?.redeemBy ?? '') : '',
      'redemption' in consent ? (consent.redemption?.readAgainUntil ?? '') : '',
    ])
      if (until > last) last = until;
  return last === '' ? last : plusSeconds(last, clockSeconds);
}
