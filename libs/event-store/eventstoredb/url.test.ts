import { describe, expect, test } from '@jest/globals';
import { readStoreUrl, StoreUrlInvalid } from './url.js';

describe('the URL of an event store', () => {
  test('names one node, several, or a name that leads to them', () => {
    expect(readStoreUrl('esdb://127.0.0.1:2113?tls=false')).toMatchObject({
      hosts: [{ address: '127.0.0.1', port: 2113 }],
      discover: false,
      channel: { insecure: true },
      credentials: undefined,
    });
    expect(
      readStoreUrl('kurrentdb://ledger:p%40ss@a,b:3,c.example:4/?nodePreference=leader'),
    ).toMatchObject({
      hosts: [
        { address: 'a', port: 2113 },
        { address: 'b', port: 3 },
        { address: 'c.example', port: 4 },
      ],
      channel: { insecure: false },
      credentials: { username: 'ledger', password: 'p@ss' },
    });
    expect(readStoreUrl('esdb+discover://events.city.example')).toMatchObject({ discover: true });
  });

  test('takes options in the spellings in which they are published', () => {
    const { options } = readStoreUrl(
      'esdb://a?KeepAliveInterval=20000&gossip_timeout=3&connectionName=x',
    );
    expect(options).toEqual({ keepAliveInterval: 20000, gossipTimeout: 3, connectionName: 'x' });
  });

  test('is refused with the name of an unknown option, unless that could be part of a password', () => {
    expect(() => readStoreUrl('esdb://a?tls=false&tlsVerify=true')).toThrow(
      /option must be one of .*, and tlsVerify is none of them$/,
    );
    expect(() => readStoreUrl('esdb://user:pa?hunter2=x@a?tls=false')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  test.each([
    ['form', 'http://user:hunter2@a'],
    ['login', 'esdb://hunter2@a'],
    ['login', 'esdb://user:%zz@a'],
    ['host', 'esdb://user:hunter2@a:99999'],
    ['host', 'esdb+discover://a,b'],
    ['option', 'esdb://user:hunter2@a?sorry=1'],
    ['tls', 'esdb://user:hunter2@a?tls=no'],
    ['tlsVerifyCert', 'esdb://user:hunter2@a?tlsVerifyCert=false'],
    ['tlsCAFile', 'esdb://user:hunter2@a?tlsCAFile=/nowhere/ca.pem'],
    ['userCertFile', 'esdb://user:hunter2@a?userCertFile=/nowhere/a.pem'],
    ['gossipTimeout', 'esdb://user:hunter2@a?gossipTimeout=soon'],
    ['nodePreference', 'esdb://user:hunter2@a?nodePreference=follower'],
    ['option', 'esdb://user:hunter2@a?defaultDeadline=5000'],
  ])('is refused for its %s, and never repeated', (part, url) => {
    const read = () => readStoreUrl(url);
    expect(read).toThrow(StoreUrlInvalid);
    expect(read).toThrow(expect.objectContaining({ facts: { part } }));
    expect(read).not.toThrow(
      expect.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});
