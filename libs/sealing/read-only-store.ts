import {
  type Appended,
  type EventStore,
  exclusionStream,
  ForwardingEventStore,
  type NewEvent,
} from '#libs/event-store';
import { howToGoOn, LedgerReadOnly } from './sealing.errors.js';

/**
 * An event store that refuses appends once a sealer of any process has refused: new records of a
 * ledger that contradicts its own log could never be proved. While the only finding is a foreign
 * event, exclusions (`exclusionStream`) are accepted, which the sealer reads before it continues.
 */
export class ReadOnlyOnAlarm extends ForwardingEventStore {
  /**
   * @param alarm why the log refuses to continue; null while all is well
   * @param isCompared whether the end of the store was compared with what was sealed and with the
   *   witnesses
   * @param isTaken what is accepted beside a foreign event; by default exclusions
   */
  constructor(
    store: EventStore,
    private readonly alarm: () => { readonly code: string } | null,
    private readonly isCompared: () => boolean = () => false,
    private readonly isTaken = (stream: string): boolean => stream === exclusionStream,
  ) {
    super(store);
  }

  /** @throws LedgerReadOnly, and what the store throws */
  override append(
    stream: string,
    expected: number,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const alarm = this.alarm();
    const isTaken = alarm?.code === 'store_changed' && this.isTaken(stream);
    if (alarm === null || (isTaken && this.isCompared()))
      return this.store.append(stream, expected, events);
    return Promise.reject(
      new LedgerReadOnly(
        'ledger_read_only',
        'the ledger takes nothing new: its log refuses it',
        { alarm: alarm.code },
        { hint: howToGoOn(alarm.code) },
      ),
    );
  }
}
