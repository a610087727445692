import type { EventStore, StoredRecord } from '#libs/event-store';

/**
 * The store, whose streams are taken to be new when they are read for the first time: an import's
 * certificates nearly always are, and the append itself finds out where one is not. Made for one
 * command on one stream.
 */
export function unread(store: EventStore): Pick<EventStore, 'readStream' | 'append'> {
  let first = true;
  return {
    readStream: (stream, from): Promise<readonly StoredRecord[]> => {
      if (!first) return store.readStream(stream, from);
      first = false;
      return Promise.resolve([]);
    },
    append: (stream, expected, events) => store.append(stream, expected, events),
  };
}
