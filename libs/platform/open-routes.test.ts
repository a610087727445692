import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OpenRoutes } from './open-routes.js';
import { Proxies } from './proxies.js';

type Asked = Pick<IncomingMessage, 'headers' | 'socket'>;

const from = (remoteAddress: string, forwarded?: string): Asked =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as Asked;

const behind = (spelled: string): Proxies => {
  const proxies = Proxies.read(spelled);
  if (proxies === null) throw new Error('no proxies');
  return proxies;
};

describe('whose address counts', () => {
  test.each([
    [
      'nobody’s word where no proxy is known',
      '',
      from('198.51.100.7', '192.0.2.1'),
      '198.51.100.7',
    ],
    ['IPv4 on a socket for both', '', from('::ffff:198.51.100.7'), '198.51.100.7'],
    ['a whole subscriber’s network in IPv6', '', from('2001:db8:0:7::1234'), '2001:db8:0:7'],
    ['the same, spelled out', '', from('2001:0db8:0000:0007:1:2:3:4'), '2001:db8:0:7'],
    ['whom a known proxy saw', '10.0.0.0/8', from('10.1.2.3', '192.0.2.1'), '192.0.2.1'],
    [
      'what the last unknown one is, whatever stands before',
      '10.0.0.0/8, fd00::/8',
      from('10.1.2.3', 'unknown, 203.0.113.9, 192.0.2.1, fd00::1, 10.9.9.9'),
      '192.0.2.1',
    ],
    ['nobody’s where the proxy says nothing: it counts itself', '10.0.0.7', from('10.0.0.7'), null],
    ['nobody’s where it says no address', '10.0.0.7', from('10.0.0.7', '192.0.2.1, x'), null],
    ['an unknown proxy’s own', '10.0.0.7', from('10.0.0.8', '192.0.2.1'), '10.0.0.8'],
  ])('is %s', (_, proxies, asked, address) => {
    expect(behind(proxies).addressOf(asked)).toBe(address);
  });

  test.each(['proxy', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.7 10.0.0.8'])(
    'is not read from %p',
    (spelled) => {
      expect(Proxies.read(spelled)).toBeNull();
    },
  );

  test('is never what a caller writes, of any number of headers', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())), (said) => {
        expect(behind('10.0.0.7').addressOf(from('198.51.100.7', said.join(',')))).toBe(
          '198.51.100.7',
        );
        expect(
          behind('10.0.0.7').addressOf(from('10.0.0.7', [...said, '192.0.2.1'].join(','))),
        ).toBe('192.0.2.1');
      }),
    );
  });
});

const limits = { requestsOfOneAddress: 100, openRequestsAtOnce: 2, proxies: behind('') };

const refusal = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
};

describe('requests of one address', () => {
  test('are so many in ten seconds, at once or evenly; other addresses are not touched', () => {
    let now = 0;
    const refused: string[] = [];
    const routes = new OpenRoutes(
      limits,
      (limit) => refused.push(limit),
      () => now,
    );
    const ask = (address = '192.0.2.1') =>
      refusal(() => {
        routes.count(from(address));
      });
    for (let n = 0; n < 100; n++) expect(ask()).toBeNull();
    expect(ask()).toMatchObject({
      code: 'address_rate_exceeded',
      facts: { limit: 100, seconds: 10 },
      retryAfterSeconds: 1,
    });
    expect(ask('192.0.2.2')).toBeNull();
    now += 100;
    expect(ask()).toBeNull();
    expect(ask()).not.toBeNull();
    now += 10_000;
    for (let n = 0; n < 100; n++) expect(ask()).toBeNull();
    expect(refused).toEqual(['address', 'address']);
  });

  test('whatever is asked when, no ten seconds hold more than twice as many', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 600 }), (pauses) => {
        let now = 0;
        const routes = new OpenRoutes(
          limits,
          () => undefined,
          () => now,
        );
        const taken: number[] = [];
        for (const pause of pauses) {
          now += pause;
          if (
            refusal(() => {
              routes.count(from('192.0.2.1'));
            }) === null
          )
            taken.push(now);
        }
        for (const [n, at] of taken.entries())
          expect((taken[n + 200] ?? Infinity) - at).toBeGreaterThan(10_000);
      }),
    );
  });
});

describe('requests at once', () => {
  const response = () =>
    Object.assign(new EventEmitter(), { closed: false }) as unknown as ServerResponse & {
      closed: boolean;
    };
  const end = (one: ServerResponse & { closed: boolean }) => {
    one.closed = true;
    one.emit('close');
  };

  test('wait for those before them, in order; who went away takes no place; too many are refused', async () => {
    const refused: string[] = [];
    const routes = new OpenRoutes(limits, (limit) => refused.push(limit));
    const working: number[] = [];
    const responses = Array.from({ length: 2 + 32 }, response);
    const entered = responses.map(async (one, n) => {
      if (await routes.enter(one)) working.push(n);
    });
    await Promise.all(entered.slice(0, 2));
    expect(working).toEqual([0, 1]);
    await expect(routes.enter(response())).rejects.toMatchObject({
      code: 'open_routes_busy',
      retryAfterSeconds: 1,
    });
    expect(refused).toEqual(['open_at_once']);
    end(responses[2]!); // it waits, and disconnects
    end(responses[1]!);
    await Promise.all(entered.slice(2, 4));
    expect(working).toEqual([0, 1, 3]);
    for (const [n, one] of responses.entries()) {
      await entered[n];
      if (n !== 2 && n !== 1) end(one);
    }
    expect(working).toEqual([0, 1, ...Array.from({ length: 31 }, (_, n) => n + 3)]);
    // Every place is free again.
    expect(await Promise.all([routes.enter(response()), routes.enter(response())])).toEqual([
      true,
      true,
    ]);
  });
});
