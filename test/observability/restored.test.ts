import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { refusalCodes } from '#libs/sealing';
import { PostgresLogStorage } from '#libs/sealing/sealing.module';
import type { City } from '../../apps/city/city.js';
import type { TestDatabase } from '../support/postgres.js';
import { WitnessedCity } from '../support/witnessed-city.js';
import { shownValue } from './shown-metrics.js';

/**
 * What the alarms LedgerReadOnly, WitnessSilent and WitnessObjects stand on, where they are needed
 * most.
 */
describe('the metrics of a ledger that was restored, and whose witness does not answer', () => {
  let place: WitnessedCity;
  let database: TestDatabase;
  let city: City;
  beforeAll(async () => {
    place = await WitnessedCity.make();
    database = await place.database();
    await place.open(database);
    await place.close();
    // As `mianzheng restore` leaves it.
    await new PostgresLogStorage(database.pool).refuse('restored', null);
    await place.witness?.stop();
    city = await place.open(database);
  }, 120_000);
  afterAll(() => place.stop());

  const shown = async () => (await fetch(city.metricsUrl)).text();
  const requests = (text: string, outcome: string) =>
    shownValue(text, 'mianzheng_witness_requests_total', { witness: 'w', outcome });
  /** What is shown, once it is as `as` says. */
  async function until(as: (text: string) => boolean): Promise<string> {
    for (;;) {
      const text = await shown();
      if (as(text)) return text;
      await wait(100);
    }
  }

  test('say that nothing is taken, and why', async () => {
    const text = await shown();
    const codes = refusalCodes.map((code) => [
      code,
      shownValue(text, 'mianzheng_ledger_read_only', { code }),
    ]);
    expect(codes).toEqual(refusalCodes.map((code) => [code, Number(code === 'restored')]));
  });

  test('count that the witness is asked what it knows, and does not answer', async () => {
    const before = requests(await shown(), 'silent') ?? 0;
    await until((text) => (requests(text, 'silent') ?? 0) > before);
  });

  test('know what no witness answered yet as 0, so that a first objection is an increase', async () => {
    const text = await shown();
    for (const outcome of ['cosigned', 'told', 'objects'])
      expect([outcome, requests(text, outcome)]).toEqual([outcome, 0]);
  });

  test('say that it goes on, once the witness has answered', async () => {
    await place.witness?.open();
    const text = await until(
      (now) => shownValue(now, 'mianzheng_ledger_read_only', { code: 'restored' }) === 0,
    );
    expect(requests(text, 'told')).toBeGreaterThan(0);
    expect(requests(text, 'cosigned')).toBeGreaterThan(0);
    expect(requests(text, 'objects')).toBe(0);
  });
});
