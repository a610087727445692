import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BreakingProxy, breakingProxy } from '../../../test/support/breaking-proxy.js';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createLeases, type Lease, LeaseLost, PostgresLeases } from './index.js';

/** Long, because a loaded machine must not fail the test. */
const patience = 20_000;
const soon = () => AbortSignal.timeout(patience);
const lost = (lease: Lease) =>
  new Promise<void>((resolve) => {
    if (lease.lost.aborted) resolve();
    lease.lost.addEventListener('abort', () => {
      resolve();
    });
  });

describe('a lease', () => {
  let database: TestDatabase;
  let proxy: BreakingProxy;
  const held: Lease[] = [];

  beforeEach(async () => {
    database = await freshDatabase();
    await createLeases(database.pool);
    proxy = await breakingProxy(database.url);
  });
  afterEach(async () => {
    for (const lease of held.splice(0)) await lease.giveBack();
    await proxy.close();
    await database.drop();
  });

  /** For holders that stop: the tests wait for their lease to expire. */
  const short = { lasts: 600, renewEvery: 100, askEvery: 20 };
  /** For holders that live: a pause of the machine must not cost them their lease. */
  const usual = { ...short, lasts: 3000 };
  const leases = (url = database.url, times = usual) =>
    new PostgresLeases({ connectionString: url }, times);
  const take = async (
    from: PostgresLeases = leases(),
    waiting?: () => void,
    signal = soon(),
  ): Promise<Lease> => {
    const lease = await from.take('work', signal, waiting);
    held.push(lease);
    return lease;
  };

  it('is given to one at a time, in epochs that grow', async () => {
    let holders = 0;
    const epochs: bigint[] = [];
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        const lease = await take();
        expect(++holders).toBe(1);
        epochs.push(BigInt(lease.epoch));
        await database.pool.query('SELECT pg_sleep(0.01)');
        holders--;
        await lease.giveBack();
      }),
    );
    expect(epochs).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('of one name keeps nobody from another', async () => {
    await take();
    held.push(await leases().take('other work', soon()));
  });

  it('is kept for longer than it lasts by a holder that lives', async () => {
    const first = await take();
    const longer = AbortSignal.timeout(2 * usual.lasts);
    await expect(leases().take('work', longer)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(first.lost.aborted).toBe(false);
  });

  it('that is given back is had at once, though it would have lasted long', async () => {
    const long = { ...short, lasts: 3_600_000 };
    const first = await take(leases(database.url, long));
    const waits = Promise.withResolvers<undefined>();
    const second = take(leases(), () => {
      waits.resolve(undefined);
    });
    await waits.promise;
    await first.giveBack();
    expect((await second).epoch).toBe('2');
    expect(first.lost.aborted).toBe(false);
  });

  it('of a holder that was killed is had at once, though it would have lasted long', async () => {
    const long = { ...short, lasts: 3_600_000 };
    const first = await take(leases(database.url, long));
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mianzheng lease of work' AND datname = current_database()`,
    );
    expect((await take()).epoch).toBe('2');
    await lost(first);
    expect(first.lost.reason).toBeInstanceOf(LeaseLost);
  });

  it('of a holder that cannot be reached is had when its time is over, and the holder knows it by its own clock', async () => {
    const first = await take(leases(proxy.url, short));
    proxy.hang(true);
    expect((await take()).epoch).toBe('2');
    await lost(first);
    proxy.hang(false);
  });

  it('of a holder that was frozen is had when its time is over, and the holder knows it by its own clock', async () => {
    // An hour passes between two renewals, so that it does not notice.
    const first = await take(leases(database.url, { ...short, renewEvery: 3_600_000 }));
    expect((await take()).epoch).toBe('2');
    await lost(first); // by its own clock, without a query
  });

  it('of a holder that was frozen stays with the next one, though it is renewed when it wakes before its clock rings', async () => {
    const times = { ...usual, lasts: 3_600_000, renewEvery: 1000 };
    const first = await take(leases(database.url, times));
    // Its lease has expired in the database, which it has not noticed.
    await database.pool.query(`UPDATE lease SET until = clock_timestamp() WHERE name = 'work'`);
    const second = await take(leases(database.url, { ...times, renewEvery: 3_600_000 }));
    const standing = async () =>
      (
        await database.pool.query<Record<string, unknown>>(
          'SELECT epoch, holder, backend, until FROM lease',
        )
      ).rows[0];
    const before = await standing();
    expect(before).toMatchObject({ epoch: '2' });
    await lost(first); // by its own renewal, which is the only sign
    expect(await standing()).toEqual(before);
    expect(second.lost.aborted).toBe(false);
  });

  it('is lost to a holder that finds another one when it renews', async () => {
    const first = await take();
    await database.pool.query('UPDATE lease SET epoch = epoch + 1');
    await lost(first);
  });

  it('is lost at once with the connection', async () => {
    const first = await take(
      leases(proxy.url, { ...short, renewEvery: 3_600_000, lasts: 3_600_000 }),
    );
    proxy.away(true);
    await lost(first);
  });

  it('is waited for until the one who waits is told to stop, and leaves no connection behind', async () => {
    await take();
    const stop = new AbortController();
    const waits = Promise.withResolvers<undefined>();
    const second = take(
      leases(),
      () => {
        waits.resolve(undefined);
      },
      stop.signal,
    );
    await waits.promise;
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    for (let open = 2; open > 1;) {
      const { rows } = await database.pool.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'mianzheng lease of work' AND datname = current_database()`,
      );
      open = rows[0]!.open;
    }
  });
});
