import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient, readKey } from '#libs/api-client';
import { EventStoreDouble } from '../eventstore/double.js';
import { startCity, type TestCity } from '../support/city.js';
import { register } from '../support/client.js';

/** What a city says of itself while something befalls the event store that keeps its records. */
describe('a city whose records are in EventStoreDB', () => {
  let double: EventStoreDouble;
  let city: TestCity;
  beforeAll(async () => {
    double = await EventStoreDouble.start({ isFreezable: true });
    city = await startCity({ EVENT_STORE_URL: double.url });
  });
  afterAll(async () => {
    await city.stop();
    await double.stop();
  });

  interface Health {
    readonly ready: boolean;
    readonly parts: Readonly<Record<string, string>>;
  }
  /** What readiness comes to say. */
  const health = async (fits: (health: Health) => boolean): Promise<Health> => {
    for (;;) {
      const now = (await (await fetch(`${city.baseUrl}/health/ready`)).json()) as Health;
      if (fits(now)) return now;
      await new Promise(setImmediate);
    }
  };
  const says = (word: string) => health(({ parts }) => parts['event_store'] === word);
  const written = () =>
    register(city.admin, { kind: 'auditor', department: '审计', name: '审计（虚构）' });
  test.each([
    [
      'cannot be reached',
      (isSo: boolean) => {
        double.away(isSo);
      },
    ],
    [
      'is frozen',
      (isSo: boolean) => {
        double.freeze(0, isSo);
      },
    ],
  ] as const)(
    'is not ready while that %s, says which part, and is ready again by itself',
    async (_, befalls) => {
      befalls(true);
      expect(await says('unreachable')).toMatchObject({ ready: false });
      befalls(false);
      await health(({ ready }) => ready);
      await written();
    },
  );

  test('gives no token while that is away, and says so: to try again', async () => {
    double.away(true);
    await says('unreachable');
    const key = await readKey({ ...city.city.house.keys.administrator });
    const api = createClient({
      baseUrl: city.baseUrl,
      client: 'administrator',
      key,
      scopes: ['clients:manage'],
    });
    const asked = api.GET('/v1/clients');
    await expect(asked).rejects.toMatchObject({
      code: 'token_unavailable',
      message: 'the identity service gives no token just now: the event store does not answer',
      facts: { status: 503, error: 'temporarily_unavailable' },
      retryAfterSeconds: 2,
      hint: expect.stringMatching(/^Try again/),
    });
    double.away(false);
    await health(({ ready }) => ready);
    expect((await api.GET('/v1/clients')).response.status).toBe(200);
  });

  test('is not ready while an older copy stands in the place of that, and appends nothing to it', async () => {
    await written();
    const whole = [...double.log.all];
    double.log.rollBack(whole.length - 1);
    expect(await says('damaged')).toMatchObject({ ready: false });
    await expect(written()).rejects.toThrow(/not registered: 50\d/);
    expect(double.log.length).toBe(whole.length - 1);
    double.log.replace(whole);
    await health(({ ready }) => ready);
    await written();
  });
});
