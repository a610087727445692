import { Injectable } from '@nestjs/common';
import {
  EventStore,
  type ForeignEvent,
  ForeignEventMet,
  isHashedName,
  keepsLimit,
  type NamedEvent,
  recordedName,
  StoreDamaged,
} from '#libs/event-store';
import { Leaves, LogStorage } from '#libs/sealing';
import { ExclusionRefused } from './exclusion.errors.js';
import type { SealedThen } from './exclusion.events.js';

/**
 * An event by its place, for a stream whose name cannot be passed: the position in decimal, the
 * leaf hash of its bytes in hexadecimal.
 */
export type EventPlace = Pick<NamedEvent, 'position' | 'hash'>;

interface Found {
  /** The stream whose name the events bear, as `recordedName` gives it. */
  readonly stream: string;
  readonly found: readonly ForeignEvent[];
  readonly sealed: SealedThen;
}

/** Foreign events in the event store, and how far the log is sealed. */
@Injectable()
export class ForeignEvents {
  constructor(
    private readonly store: EventStore,
    private readonly storage: LogStorage,
    private readonly leaves: Leaves,
  ) {}

  /**
   * Foreign events of the stream of one event; none where another event is at its position. @throws
   * as `under`
   */
  async around({ position, hash }: EventPlace): Promise<Found> {
    const at = await this.store.streamAt(BigInt(position));
    if (at?.hash === hash) return this.under(at.stream);
    const { size, position: sealedTo } = await this.storage.sealed();
    return { stream: '', found: [], sealed: { size, position: String(sealedTo) } };
  }

  /**
   * The events of an exclusion as they are stored now. @param stream as `recordedName` gave it
   * @throws as `under`
   */
  async again(stream: string, [first]: readonly NamedEvent[]): Promise<Found> {
    if (!isHashedName(stream) || first === undefined) return this.under(stream);
    const there = await this.around(first);
    return there.stream === stream ? there : { ...there, found: [] };
  }

  /** @throws ExclusionRefused where one of them may be a damaged record; StoreUnavailable */
  async under(stream: string): Promise<Found> {
    const { size, position } = await this.storage.sealed();
    try {
      const found = await this.store.findForeign(stream, position);
      // While a limit is in force, what the stream lost by it is unknown.
      if (found.some(({ part }) => part === 'metadata') && !keepsLimit(found))
        await this.#mustBeWhole(stream);
      return {
        stream: recordedName(stream),
        found,
        sealed: { size, position: String(position) },
      };
    } catch (cause) {
      if (!(cause instanceof StoreDamaged)) throw cause;
      // Another program chose the stream's name, which may contain anything: it is left out of
      // problem details.
      const { version = null, position = null, kind = null } = cause.facts;
      throw new ExclusionRefused(
        'exclusion_of_damaged',
        'what stands there may be a damaged record of the ledger, or has no place of its own',
        { version, position, kind },
        {
          cause,
          hint: 'Such a thing is never left out: restore the event store (docs/operations/backup.md).',
        },
      );
    }
  }

  /**
   * A limit may have deleted records before it was removed, so everything sealed must be readable.
   * @throws StoreDamaged
   */
  async #mustBeWhole(stream: string): Promise<void> {
    const version = await this.#readable(stream);
    if ((await this.leaves.placed(stream, version)) !== null)
      throw new StoreDamaged('store_damaged', 'a sealed record is not in the store any more', {
        version,
      });
  }

  /** How many records of a stream can be read, up to the first foreign event. */
  async #readable(stream: string): Promise<number> {
    try {
      return (await this.store.readStream(stream)).length;
    } catch (error) {
      if (error instanceof ForeignEventMet) return error.before.length;
      // An empty stream with metadata: only the log knows whether it ever had a record.
      if (error instanceof StoreDamaged && error.facts['kind'] === 'metadata') return 0;
      throw error;
    }
  }

  /**
   * Makes the sealers of all processes check again: they continue, or report what else they find. A
   * finding of a restore stays, because it names no place and no sealer would find it again.
   */
  async look(): Promise<void> {
    const refusal = await this.storage.refusal();
    if (refusal !== null && refusal.place !== null) await this.storage.lift('store_changed');
  }
}
