import type { NewEvent } from '#libs/event-store';
import { bytesOf, EMPTY, formRecords } from '../../libs/event-store/forming.js';
import { type DoubleEvent, firstPosition, type NewDoubleEvent, type ReadableLog } from './log.js';

/** The first record of a stream, as the adapter would write it. */
export function firstOf(city: string, stream: string, event: NewEvent): NewDoubleEvent {
  const [record] = formRecords(city, stream, EMPTY, [event]);
  if (record === undefined) throw new TypeError('one event is one record');
  return {
    id: event.id,
    type: event.type,
    contentType: 'application/octet-stream',
    data: bytesOf(record),
    metadata: Buffer.from(record.hash, 'hex'),
  };
}

/** Between two events of a generated log. */
const step = 500n;

/**
 * A log of any length that is not stored: each event is made when it is read, the n-th as the first
 * of stream `case-n`. A part may come later: a reader at the end finds the rest at its next read.
 */
export class GeneratedLog implements ReadableLog {
  length: number;

  /** @param atOnce how many of its records are there from the start */
  constructor(
    private readonly city: string,
    private readonly records: number,
    atOnce = records,
  ) {
    this.length = atOnce;
  }

  at(index: number): DoubleEvent | undefined {
    if (index >= this.length) {
      this.length = this.records;
      return undefined;
    }
    const stream = `case-${index}`;
    const event = firstOf(this.city, stream, {
      id: index.toString(16).padStart(32, '0'),
      type: 'CaseClosed',
      schema: 1,
      time: '2026-11-22T01:02:03.004Z',
      actor: { client: 'window-7' },
      data: {},
    });
    const position = firstPosition + BigInt(index) * step;
    return { ...event, stream: `${this.city}/${stream}`, revision: 0, position };
  }

  indexFrom(position: bigint): number {
    if (position <= firstPosition) return 0;
    return Number((position - firstPosition + step - 1n) / step);
  }

  stream(): readonly DoubleEvent[] {
    return [];
  }
}
