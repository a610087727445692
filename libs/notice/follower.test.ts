import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import type { CaseReader } from '#libs/case';
import { MemoryEventStore } from '#libs/event-store/memory';
import { bookOf } from '#libs/subject';
import type { PhoneCaller } from '#libs/identity';
import { InternalError, type JsonObject } from '#libs/kernel';
import { LedgerSecrets } from '#libs/vault';
import { EventIds } from './event-ids.js';
import { EventStream } from './event-stream.js';
import { Follower } from './follower.js';
import { OpenStreams } from './open-streams.js';
import { Places } from './places.js';

class Secrets extends LedgerSecrets {
  of = (purpose: string, name: string) =>
    createHash('sha256').update(`${purpose}\0${name}`).digest();
}
class Gone extends InternalError<'gone'> {}
const ids = new EventIds(new Secrets());
const holder: PhoneCaller = { is: 'phone', subject: 'somebody', jkt: 'key' };
const standing = { ends: null, again: () => Promise.resolve(holder), forget: () => undefined };

let store: MemoryEventStore;
let streams: OpenStreams;
let follower: Follower;
let version = -1;

beforeEach(() => {
  store = new MemoryEventStore('city.example');
  streams = new OpenStreams();
  version = -1;
  const noCases = { read: () => Promise.resolve(null) } as unknown as CaseReader;
  const board = { position: () => store.head() };
  const log = pino({ level: 'silent' });
  follower = new Follower(store, new Places(store, noCases), streams, board, log);
});
afterEach(async () => {
  follower.stop();
  await store.close();
});

const event = (type: string, data: JsonObject) => ({
  id: randomUUID().replaceAll('-', ''),
  type,
  schema: 1,
  time: '2026-11-30T08:00:00.000Z',
  actor: { client: 'x' },
  data,
});
/** Something of the holder's book. */
async function refused(consent: string): Promise<void> {
  const book = bookOf(holder.subject);
  await store.append(book, version, [event('ConsentRefused', { consent, caller: 'somebody' })]);
  version++;
}

function newStream(ends: string[] = []): EventStream {
  const stream = new EventStream('phone:key', holder, standing, ids, (why) => {
    ends.push(why);
    streams.remove(stream);
  });
  streams.add(stream);
  return stream;
}
/** What a stream has said so far, of those events. */
const said = (stream: EventStream): string =>
  (stream.body.read() as Buffer | null)?.toString() ?? '';
const idIn = (text: string): string => /^id: (.+)$/m.exec(text)?.[1] ?? '';

describe('a stream that resumes', () => {
  test('is told what it missed before what comes, and its first event says so', async () => {
    const first = newStream();
    await follower.join(first, null);
    const from = ids.open(first.name, idIn(said(first)));
    await refused('missed');
    const again = newStream();
    await follower.join(again, from);
    expect(said(again).match(/^data: .+$/gm)).toEqual([
      'data: {"resumed":true}',
      'data: {"consent":"missed","state":"refused"}',
    ]);
  });

  test('after too much is told to read everything anew, and what comes', async () => {
    const first = newStream();
    await follower.join(first, null);
    const from = ids.open(first.name, idIn(said(first)));
    for (let n = 0; n < 6; n++)
      await store.append(
        `subject-${n}`,
        -1,
        Array.from({ length: 1000 }, () => event('Other', {})),
      );
    const again = newStream();
    await follower.join(again, from);
    expect(said(again)).toContain('data: {"resumed":false}');
  });
});

describe('a stream', () => {
  test('ends with its access token', async () => {
    const stream = new EventStream('x', holder, { ...standing, ends: 0 }, ids, () => undefined);
    stream.endsAtExpiry('2026-11-30T08:00:00.000Z', () => new Gone('gone', 'over'));
    const [text] = (await once(stream.body, 'data')) as [Buffer];
    expect(text.toString()).toBe('event: end\ndata: {"code":"gone"}\n\n');
  });

  test('whose reader does not read is cut, and holds little until then', async () => {
    const ends: string[] = [];
    const stream = newStream(ends);
    const server = createServer((_, response) => stream.body.pipe(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const slow = connect((server.address() as AddressInfo).port, '127.0.0.1');
    slow.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    slow.pause();
    await once(server, 'request');
    let most = 0;
    // More than any kernel holds for a connection.
    for (let n = 0; n < 100_000 && !stream.isOver; n++) {
      stream.send('consent', { consent: 'c'.repeat(2000), state: 'waiting' });
      most = Math.max(most, stream.body.readableLength);
      if (n % 8 === 0) await new Promise((next) => setImmediate(next));
    }
    while (ends.length === 0) await new Promise((next) => setImmediate(next));
    expect(ends).toEqual(['slow']);
    expect(most).toBeLessThanOrEqual(16 * 1024);
    slow.destroy();
    server.close();
    server.closeAllConnections();
  });

  test('ends where the ledger cannot be followed', async () => {
    const stream = newStream();
    await follower.join(stream, null);
    said(stream);
    await store.append('case-x', -1, [{ ...event('CaseClosed', { case: 'x' }), schema: 7 }]);
    while (!stream.isOver) await new Promise((next) => setImmediate(next));
    expect(said(stream)).toContain('data: {"code":"event_schema_unknown"}');
  });
});

describe('the id of an event', () => {
  test('opens for its caller alone, and never fails', () => {
    const id = ids.seal('a', 1234n);
    expect(ids.open('a', id)).toBe(1234n);
    expect(ids.open('b', id)).toBeNull();
    for (const wrong of ['', 'x', id.slice(1), `${id}AAAA`, id.replace(/^../, 'AA')])
      expect(ids.open('a', wrong)).toBeNull();
    expect(ids.seal('a', 1234n)).not.toBe(id);
  });
});
