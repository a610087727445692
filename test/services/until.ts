import { setTimeout as wait } from 'node:timers/promises';

/**
 * Milliseconds that it took until the condition held; null where it did not within `ms`. What it
 * throws counts as not yet.
 */
export async function until(
  holds: () => Promise<boolean>,
  ms: number,
  every = 20,
): Promise<number | null> {
  const began = performance.now();
  do {
    if (await holds().catch(() => false)) return Math.round(performance.now() - began);
    await wait(every);
  } while (performance.now() - began < ms);
  return null;
}
