import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { TestKey } from '../../test/support/keys.js';
import { StreamClientDirectory } from './client-directory.js';
import { carryOut } from './commands/carry-out.js';
import { clientKey } from './key-proof.js';
import { type IdentityCommand } from './identity.decider.js';

/** Counts what is read, as a database would be asked. */
class CountingStore extends MemoryEventStore {
  readonly readings: number[] = [];
  override readStream(stream: string, from = 0) {
    this.readings.push(from);
    return super.readStream(stream, from);
  }
}

describe('the directory of clients', () => {
  const register: IdentityCommand = {
    kind: 'register',
    client: 'c1',
    clientKind: 'auditor',
    name: '审计',
    department: '审计局',
    window: null,
    town: null,
    authority: null,
    scopes: null,
    signIn: 'client',
    keys: [clientKey({ ...new TestKey().jwk }, null)],
  };
  const disable: IdentityCommand = { kind: 'disable', client: 'c1', reason: 'lost', by: 'admin' };

  const house = () => {
    const store = new CountingStore('trial.city.example');
    const time = { ms: 0 };
    const newProcess = () => new StreamClientDirectory(store, () => time.ms);
    let n = 0;
    const tell = (directory: StreamClientDirectory, command: IdentityCommand) =>
      carryOut(
        { store, directory },
        {
          actor: { client: 'admin' },
          idempotencyKey: `key-${n++}`,
          seed: '00',
          now: '2026-03-01T02:00:00.000Z',
        },
        'c1',
        () => command,
      );
    return { store, time, newProcess, tell };
  };

  test('knows what its own process did at once, and what another did after a second', async () => {
    const { time, newProcess, tell } = house();
    const [here, there] = [newProcess(), newProcess()];
    await tell(here, register);
    expect((await there.find('c1'))?.enabled).toBe(true);
    await tell(here, disable);
    expect((await here.find('c1'))?.enabled).toBe(false);
    time.ms = 1001;
    expect((await there.find('c1'))?.enabled).toBe(false);
  });

  test('reads a stream once a second at most, and only what is new in it', async () => {
    const { store, time, newProcess, tell } = house();
    const directory = newProcess();
    await tell(newProcess(), register);
    store.readings.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => directory.find('c1')));
    expect(store.readings).toEqual([0]);
    time.ms = 1001;
    await Promise.all(Array.from({ length: 50 }, () => directory.find('c1')));
    expect(store.readings).toEqual([0, 1]);
  });

  test('finds a client that is registered after somebody asked for it', async () => {
    const { newProcess, tell } = house();
    const [here, there] = [newProcess(), newProcess()];
    expect(await there.find('c1')).toBeNull();
    await tell(here, register);
    expect((await there.find('c1'))?.kind).toBe('auditor');
  });

  test('goes on asking after the store failed', async () => {
    const { store, newProcess, tell } = house();
    await tell(newProcess(), register);
    const directory = newProcess();
    const readStream = store.readStream.bind(store);
    store.readStream = () => Promise.reject(new Error('away'));
    await expect(directory.find('c1')).rejects.toThrow('away');
    store.readStream = readStream;
    expect((await directory.find('c1'))?.client).toBe('c1');
  });
});
