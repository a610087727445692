import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestKey } from '../../../test/support/keys.js';
import { LocalJwks, RemoteJwks } from './jwks-source.js';

describe('the keys of an issuer elsewhere', () => {
  let server: Server;
  let issuer: string;
  let keys: object[];
  let asked: number;
  let wrong: Record<string, unknown>;
  let away: boolean;
  let time: number;
  const source = () => new RemoteJwks(issuer, () => time);
  const publish = (kid: string) => ({ ...new TestKey().jwk, kid });

  beforeEach(async () => {
    [keys, asked, wrong, away, time] = [[publish('a')], 0, {}, false, 0];
    server = createServer((request, response) => {
      asked++;
      if (away) response.destroy();
      else if (request.url === '/jwks') response.end(JSON.stringify({ keys }));
      else response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks`, ...wrong }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  test('are found through its discovery document, once for many who ask', async () => {
    const jwks = source();
    const found = await Promise.all(Array.from({ length: 20 }, () => jwks.find('a')));
    expect(found.every((key) => key !== null)).toBe(true);
    expect(asked).toBe(2);
  });

  test('are looked for again when a new one turns up, but not for every stranger', async () => {
    const jwks = source();
    await jwks.find('a');
    keys.push(publish('b'));
    expect(await jwks.find('b')).toBeNull(); // asked a moment ago
    time += 10_001;
    expect(await jwks.find('b')).not.toBeNull();
    await Promise.all(['x', 'y', 'z'].map((kid) => jwks.find(kid)));
    expect(asked).toBe(4);
  });

  test('go on being known while the issuer is away', async () => {
    const jwks = source();
    await jwks.find('a');
    away = true;
    time += 400_000;
    expect(await jwks.find('a')).not.toBeNull();
    expect(await jwks.find('b')).toBeNull();
  });

  test('that were never seen are an outage, not a refusal', async () => {
    away = true;
    await expect(source().find('a')).rejects.toMatchObject({ code: 'issuer_unreachable' });
  });

  test('of a discovery document that names another issuer are not taken', async () => {
    wrong = { issuer: 'https://other.example' };
    await expect(source().find('a')).rejects.toMatchObject({ code: 'issuer_unreachable' });
  });

  test('of kinds that we do not take, or with a private part, are left out', async () => {
    keys.push({ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'rsa' }, { ...publish('p'), d: 'x' });
    const jwks = source();
    expect(await jwks.find('rsa')).toBeNull();
    expect(await jwks.find('p')).toBeNull();
    expect(await jwks.find('a')).not.toBeNull();
  });

  test('of which two have one name are not taken, nor replace those that were seen', async () => {
    const jwks = source();
    const seen = await jwks.find('a');
    keys.push(publish('b'), publish('b'));
    time += 400_000;
    expect(await jwks.find('b')).toBeNull();
    expect(await jwks.find('a')).toEqual(seen);
    await expect(source().find('a')).rejects.toMatchObject({ code: 'issuer_unreachable' });
    expect(() => new LocalJwks({ keys: [publish('c'), publish('c')] })).toThrow(
      expect.objectContaining({ code: 'issuer_unreachable' }),
    );
  });

  test('may stand there twice, alike', async () => {
    keys.push(...keys);
    expect(await source().find('a')).not.toBeNull();
  });
});
