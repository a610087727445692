import { randomBytes } from 'node:crypto';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { Administration } from '../../libs/event-store/eventstoredb/administration.js';
import { readStoreUrl } from '../../libs/event-store/eventstoredb/url.js';
import { SealedLedger } from '../support/sealed-ledger.js';
import { fill, KnownSignatures, type Shape } from './filling.js';
import { one, type Place } from './place.js';
import { findingsOf } from './tampered-log.js';

/**
 * What an administrator of the server does to a stream by its own protocol. It cannot be taken
 * back: each has a ledger of its own.
 */
type Way = (server: Administration, city: string, place: Place, last: number) => Promise<boolean>;

const metadata =
  (content: Readonly<Record<string, number>>): Way =>
  (server, city, { stream }) =>
    server.write(`$$${city}/${stream}`, -1, '$metadata', content);

export const administratorsWays: Readonly<Record<string, Way>> = {
  'delete a stream softly': metadata({ $tb: Number.MAX_SAFE_INTEGER }),
  'cut a stream off': (server, city, place, last) =>
    metadata({ $tb: last })(server, city, place, last),
  'limit a stream by count': metadata({ $maxCount: 1 }),
  'limit a stream by age': metadata({ $maxAge: 1 }),
  'append an event by hand': (server, city, { stream }, last) =>
    server.write(`${city}/${stream}`, last, 'Note', { text: 'by hand' }),
};

const small: Shape = { authorities: 2, holders: 4, rounds: 1, records: 8 };

/**
 * Does it on a new ledger at `url`. @returns what is wrong with how it was told; null where the
 * stream was named
 */
export async function toldOf(way: string, url: string): Promise<string | null> {
  const city = `tamper-${randomBytes(6).toString('hex')}.example`;
  const store = await EventStoreDbEventStore.open({ city, url });
  const ledger = await SealedLedger.make(1, 'elsewhere', store);
  const server = new Administration(readStoreUrl(url));
  try {
    const filled = await fill(ledger, small);
    const signatures = new KnownSignatures();
    const before = await findingsOf(ledger, filled, signatures);
    if (before.length > 0) return `found in a whole ledger: ${JSON.stringify(before.slice(0, 3))}`;
    const place = one(filled.places);
    const last = filled.places.filter(({ stream }) => stream === place.stream).length - 1;
    if (!(await administratorsWays[way]!(server, city, place, last)))
      return 'the server did not do it';
    const findings = await findingsOf(ledger, filled, signatures);
    return findings.some(({ stream }) => stream === place.stream)
      ? null
      : `not named: ${JSON.stringify({ stream: place.stream, findings: findings.slice(0, 3) })}`;
  } finally {
    await server.close();
    await ledger.close();
    await store.close();
  }
}
