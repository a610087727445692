import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { SystemClock, UnavailableError } from '#libs/kernel';
import { Metrics, openLog, Settings } from '#libs/platform';
import type { Eraser } from './eraser.js';
import type { RestoredErasures } from './eraser-restored.js';
import { ErasureRetryJob } from './erasure-retry-job.js';

class Away extends UnavailableError<'away'> {}
const lag = async (metrics: Metrics) =>
  (await metrics.registry.getSingleMetric('mianzheng_erasure_lag_seconds')?.get())?.values[0]
    ?.value;

/** A job whose eraser behaves as the test says, and how often each part was called. */
function rounds(env: Readonly<Record<string, string>> = {}) {
  const metrics = new Metrics();
  const calls = { resumed: 0, looked: 0 };
  const does = { resume: (): Awaited<ReturnType<Eraser['resume']>> => [] };
  const made = new ErasureRetryJob(
    {
      resume: () => {
        calls.resumed++;
        return Promise.resolve().then(() => does.resume());
      },
    } as Eraser,
    { look: () => Promise.resolve((calls.looked += 1)) } as unknown as RestoredErasures,
    Settings.from(env),
    new SystemClock(),
    metrics,
    openLog('silent'),
  );
  return { made, metrics, calls, does };
}

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-22T08:00:00.000Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

test('what was left half done is gone on with every minute, until the process stops', async () => {
  const { made, calls } = rounds();
  await made.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(0);
  const atStart = calls.resumed;
  await jest.advanceTimersByTimeAsync(120_000);
  expect(calls.resumed - atStart).toBe(2);
  await made.onApplicationShutdown();
  await jest.advanceTimersByTimeAsync(600_000);
  expect(calls.resumed - atStart).toBe(2);
});

test('a database that is away keeps nobody from starting, and the next minute tries again', async () => {
  const { made, does, calls } = rounds();
  does.resume = () => {
    throw new Away('away', 'the database is away');
  };
  await made.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(calls.resumed).toBeGreaterThan(2);
  await made.onApplicationShutdown();
});

test('the age of the oldest approved erasure that was not carried out is told', async () => {
  const { made, metrics, does } = rounds();
  does.resume = () => [
    { since: '2026-11-22T07:58:00.000Z', error: new Away('away', 'away') },
    { since: '2026-11-22T07:55:00.000Z', error: new Away('away', 'away') },
  ];
  await made.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(0);
  expect(await lag(metrics)).toBe(300);
  does.resume = () => [];
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await lag(metrics)).toBe(0);
  await made.onApplicationShutdown();
});

test('the database is compared with records in a store of their own, and with no other', async () => {
  const here = rounds();
  await here.made.round();
  const apart = rounds({ EVENT_STORE_URL: 'esdb://store:2113' });
  await apart.made.round();
  expect([here.calls.looked, apart.calls.looked]).toEqual([0, 1]);
});
