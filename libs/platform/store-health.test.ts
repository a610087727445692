import { describe, expect, test } from '@jest/globals';
import { StoreDamaged, StoreUnavailable } from '#libs/event-store';
import { StoreHealth } from './store-health.js';

/** A store that is probed on the test's own clock. */
function scene() {
  let now = 0;
  let answer: () => Promise<void> = () => Promise.resolve();
  let asked = 0;
  const health = new StoreHealth(
    {
      probe: () => {
        asked++;
        return answer();
      },
    },
    { everyMs: 1, silentMs: 5000, now: () => now },
  );
  /** Until the store was probed twice: the first result is known then. */
  const looked = async () => {
    for (const before = asked; asked < before + 2;) await new Promise(setImmediate);
  };
  return {
    health,
    looked,
    later: (ms: number) => (now += ms),
    says: (how: () => Promise<void>) => (answer = how),
  };
}
const away = () =>
  Promise.reject(new StoreUnavailable('store_unreachable', 'the event store does not answer'));
const damaged = () => Promise.reject(new StoreDamaged('store_damaged', 'records are gone'));

describe('the health of the event store', () => {
  test('is not lost by a silence shorter than five seconds, is unreachable after, and well again by itself', async () => {
    const { health, looked, later, says } = scene();
    health.start();
    await looked();
    says(away);
    later(4000);
    await looked();
    expect(health.check()).toBeNull();
    later(2000);
    await looked();
    expect(health.check()).toBe('unreachable');
    says(() => Promise.resolve());
    await looked();
    expect(health.check()).toBeNull();
    health.stop();
  });

  test('is unreachable where an answer never comes', () => {
    const { health, later, says } = scene();
    says(() => new Promise(() => undefined));
    health.start();
    later(5001);
    expect(health.state).toBe('unreachable');
    health.stop();
  });

  test('is damaged while the store says so, also where it is silent afterwards', async () => {
    const { health, looked, says, later } = scene();
    says(damaged);
    health.start();
    await looked();
    expect(health.check()).toBe('damaged');
    says(away);
    later(60_000);
    await looked();
    expect(health.check()).toBe('damaged');
    says(() => Promise.resolve());
    await looked();
    expect(health.check()).toBeNull();
    health.stop();
  });
});
