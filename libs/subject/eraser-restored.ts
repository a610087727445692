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
import { type SubjectEvent, subjectSchemas } from './subject.events.js';
import { subjectStream } from './subject.decider.js';

const codec = upcasting<SubjectEvent>(subjectSchemas);
const prefix = subjectStream('');
const page = 1000;

/**
 * Repeats erasures that are in the records but not in the database, as after a restore of the
 * database alone: keys, numbers, phones and files of erased subjects are back then, and no new
 * request could erase them.
 * The database holds, and is restored with, the position up to which it agrees with the records;
 * they are read from there on at a start and whenever that position went back.
 */
@Injectable()
export class RestoredErasures {
  /** The position up to which this process knows the database to agree. */
  #agrees: Position | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
    private readonly eraser: Eraser,
  ) {}

  /**
   * Repeats the erasures that the database lost. After an interruption it continues where it
   * stopped.
   */
  async look(signal: AbortSignal): Promise<void> {
    const head = await this.store.head();
    const stored = await this.erasures.agreesUntil();
    // A position beyond the head belongs to another store.
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
