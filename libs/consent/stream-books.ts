import { Injectable } from '@nestjs/common';
import { bookFrom } from '#libs/case';
import {
  type CommandContext,
  EventStore,
  execute,
  type Folded,
  NONE,
  type Outcome,
  type Part,
  statesOf,
} from '#libs/event-store';
import { bookOf } from '#libs/subject';
import { type Book, type Consent, consentIn, requestedFrom, withEarlier } from './book.js';
import type { ConsentEvent } from './consent.events.js';
import { bookAttempts, bookRules } from './consent.stream.js';
import { EarlierConsents, eventIn } from './earlier-consents.js';
import { type BookNow, type BookPage, type BookPart, Books, ConsentPlaces } from './ports.js';

/** Records of a book that are read at least, and at most, from its end backwards. */
const usual = 256;
const most = 4096;

/** Books by their streams: their ends are kept in this process, what is older is looked up. */
@Injectable()
export class StreamBooks extends Books {
  readonly #earlier: EarlierConsents;

  constructor(
    private readonly store: EventStore,
    places: ConsentPlaces,
  ) {
    super();
    this.#earlier = new EarlierConsents(store, places);
  }

  override async read(subject: string, part: BookPart): Promise<BookNow> {
    const stream = bookOf(subject);
    const first = await this.#look(stream, firstLook(subject, part));
    const now = has(first.state, subject, part)
      ? nowOf(stream, first)
      : await this.#further(subject, part);
    return { ...now, book: onlyPart(now.book, subject, part) };
  }

  override async known(subject: string, part: BookPart, consent: string): Promise<Consent | null> {
    const { state } = await statesOf(this.store).known({
      stream: bookOf(subject),
      rules: bookRules,
      ...firstLook(subject, part),
    });
    return (
      consentIn(onlyPart(state, subject, part), consent) ??
      consentIn((await this.read(subject, part)).book, consent)
    );
  }

  override earlier(subject: string, before: number, count: number): Promise<readonly Consent[]> {
    return this.#earlier.latest(bookOf(subject), before, count);
  }

  override async page(subject: string, before: number | null, count: number): Promise<BookPage> {
    const stream = bookOf(subject);
    const [head = null] = await this.store.streamHeads([stream]);
    const end = Math.min(before ?? Number.POSITIVE_INFINITY, (head?.version ?? NONE) + 1);
    const from = Math.max(0, end - count);
    const records = await this.store.readStream(stream, from, end - from);
    const requested = new Set<string>();
    const others = new Set<string>();
    for (const event of records.map(eventIn))
      if (event.type === 'ConsentRequested') requested.add(event.data.consent);
      else if (!requested.has(event.data.consent)) others.add(event.data.consent);
    const consents =
      others.size === 0
        ? []
        : await this.#earlier.find(
            stream,
            { from: 0, to: from, until: from },
            { consents: [...others] },
            [...requested][0],
          );
    return { stream, head, records, consents };
  }

  override decide(
    context: CommandContext,
    subject: string,
    part: BookPart,
    decide: (book: Book) => readonly ConsentEvent[] | Promise<readonly ConsentEvent[]>,
  ): Promise<Outcome<Book, ConsentEvent>> {
    return execute(
      this.store,
      bookOf(subject),
      context,
      bookRules,
      // What is looked up may be newer than the version at which it is appended: then the append
      // is refused, and it is decided again.
      async (book) => {
        const enough = has(book, subject, part) ? book : (await this.#further(subject, part)).book;
        return decide(onlyPart(enough, subject, part));
      },
      { attempts: bookAttempts, ...firstLook(subject, part) },
    );
  }

  /** More of the book's end, and then what is older. */
  async #further(subject: string, part: BookPart): Promise<BookNow> {
    const stream = bookOf(subject);
    let found = await this.#look(stream, { last: usual });
    if (!has(found.state, subject, part)) found = await this.#look(stream, { last: most });
    const now = nowOf(stream, found);
    if (has(found.state, subject, part) || 'after' in part) return now;
    const { from, consents } = found.state;
    const earlier = await this.#earlier.find(
      stream,
      { from: 'ofCase' in part ? bookFrom(part.ofCase, subject) : 0, to: from },
      'ofCase' in part ? { ofCase: part.ofCase.case } : { consents: [part.consent] },
      [...consents.values()].findLast(({ version }) => version >= from)?.request.consent,
    );
    return { ...now, book: withEarlier(found.state, earlier) };
  }

  async #look(stream: string, part: Part): Promise<Folded<Book>> {
    const [found] = await statesOf(this.store).look({ stream, rules: bookRules, ...part });
    return found;
  }
}

/**
 * A window reads no record from before its case: what it waits for must not tell whether the book
 * has any.
 */
function firstLook(subject: string, part: BookPart): Part {
  if ('ofCase' in part) return { from: bookFrom(part.ofCase, subject), last: most };
  if ('consent' in part) return { last: usual, least: 0 };
  return { last: usual };
}

/**
 * For a case, nothing that was requested before it: an answer must not depend on what else this
 * process knows of the book.
 */
function onlyPart(book: Book, subject: string, part: BookPart): Book {
  return 'ofCase' in part ? requestedFrom(book, bookFrom(part.ofCase, subject)) : book;
}

/** Whether the book has what matters; where it does not, that may be older than what was read. */
function has(book: Book, subject: string, part: BookPart): boolean {
  if (book.from === 0) return true;
  if ('ofCase' in part) return book.from <= bookFrom(part.ofCase, subject);
  if ('consent' in part) return book.consents.has(part.consent);
  return book.oldest !== null && book.oldest < part.after;
}

const nowOf = (stream: string, { state, version, head }: Folded<Book>): BookNow => ({
  stream,
  book: state,
  version,
  head,
});
