import { Injectable } from '@nestjs/common';
import {
  EventStore,
  type Position,
  type PositionedRecord,
  START,
  upcasting,
} from '#libs/event-store';
import { Eraser } from './eraser.js';
import { Erasures } from './erasures.js';
import { type PrivacyEvent, privacySchemas } from './privacy.events.js';
import { subjectStream } from './subject.decider.js';

const codec = upcasting<PrivacyEvent>(privacySchemas);
const prefix = subjectStream('');
const page = 1000;

/**
 * Erasures that the records tell of and the database does not. That happens where the records are in a store of their own and the database alone was restored, from a time before:
 * the keys, numbers, phones and files of whoever was erased since are back then, and nobody could ask for the erasure again.
 *
 * The database holds up to which position it is known to agree with the records, and is restored together with that. So the records from there on are read at a start, and
 * whenever the position went back under a running process; while it does not, each look only moves it on: what is recorded in between was done on this very database first.
 */
@Injectable()
export class RestoredErasures {
  /** Up to where this process knows the database to agree. */
  #agrees: Position | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
    private readonly eraser: Eraser,
  ) {}

  /** Does again what the database has lost. Stopped anywhere, it goes on from there. */
  async look(signal: AbortSignal): Promise<void> {
    const head = await this.store.head();
    const stored = await this.erasures.agreesUntil();
    // A position beyond the end is of another store than this one.
    const from = stored === null || stored > head ? START : stored;
    if (this.#agrees === null || from < this.#agrees) await this.#read(from, head, signal);
    if (signal.aborted) return;
    await this.erasures.agree(head);
    this.#agrees = head;
  }

  async #read(from: Position, to: Position, signal: AbortSignal): Promise<void> {
    for (let last = from; last < to && !signal.aborted;) {
      const records = await this.store.readAll(last, page);
      for (const record of records) await this.#again(record);
      const next = records.at(-1)?.position;
      if (next === undefined) return;
      await this.erasures.agree((last = next));
    }
  }

  async #again({ body: { stream, type, schema, data } }: PositionedRecord): Promise<void> {
    if (!stream.startsWith(prefix)) return;
    const subject = stream.slice(prefix.length);
    switch (type) {
      case 'ErasureRequested':
      case 'LegalHoldPlaced':
      case 'SubjectErased':
        break;
      default:
        return;
    }
    const event = codec.upcast(type, schema, data);
    if (event.type === 'ErasureRequested') await this.erasures.put(event.data.erasure, subject);
    if (event.type === 'LegalHoldPlaced') await this.erasures.putHold(event.data.hold, subject);
    if (event.type === 'SubjectErased') {
      await this.eraser.erase(subject);
      await this.erasures.done(event.data.erasure);
    }
  }
}
