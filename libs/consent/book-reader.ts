import { Injectable } from '@nestjs/common';
import { EventStore } from '#libs/event-store';
import { fold } from '#libs/kernel';
import { bookOf } from '#libs/subject';
import { bookRules } from './consent.stream.js';
import { type BookNow, BookReader } from './ports.js';

@Injectable()
export class StreamBookReader extends BookReader {
  constructor(private readonly store: EventStore) {
    super();
  }

  async read(subject: string, from = 0): Promise<BookNow> {
    const stream = bookOf(subject);
    const records = await this.store.readStream(stream, from);
    const events = records.map(({ body }) =>
      bookRules.codec.upcast(body.type, body.schema, body.data),
    );
    return { stream, book: fold(bookRules, events), version: from + records.length - 1, records };
  }
}
