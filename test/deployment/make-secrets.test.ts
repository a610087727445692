import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Secrets } from './proxy.js';

// Keys are made by openssl, several a run.
jest.setTimeout(180_000);

const host = 'ledger.example.gov';
let secrets: Secrets;
beforeAll(() => {
  secrets = Secrets.make(host);
});
afterAll(() => {
  secrets.remove();
});

const make = () => secrets.makeAgain(host);
const read = (name: string) => readFileSync(secrets.path(name), 'utf8');
const all = () => Object.fromEntries(readdirSync(secrets.path()).map((name) => [name, read(name)]));

/** Puts a certificate of the same name in its place that ends tomorrow. */
function agesTo(name: string): void {
  const file = secrets.path(name);
  chmodSync(file, 0o644);
  const one = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=old'];
  const made = execFileSync('openssl', [...one, '-keyout', '-'], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  writeFileSync(file, made);
}

function holds(certificate: string, key: string, authority: string): boolean {
  const shown = new X509Certificate(read(certificate));
  return (
    shown.verify(new X509Certificate(read(authority)).publicKey) &&
    shown.checkPrivateKey(createPrivateKey(read(key)))
  );
}

describe('docker/make-secrets.sh', () => {
  test('makes each certificate under its authority, and leaves what is there when it is run again', () => {
    expect(holds('eventstore-1.crt', 'eventstore-1.key', 'event_store_ca.crt')).toBe(true);
    expect(holds('tls.pem', 'tls.pem', 'tls_ca.crt')).toBe(true);
    const before = all();
    make();
    expect(all()).toEqual(before);
  });

  test('gives the ledger a user of its own at the event store, and its password to nobody else', () => {
    const [, password = ''] =
      /^esdb:\/\/ledger:([0-9a-f]{48})@eventstore-1:2113,/.exec(read('event_store_url')) ?? [];
    expect(read('event_store_admin_url')).toMatch(
      new RegExp(`^esdb://admin:${read('event_store_admin_password').trim()}@eventstore-1:2113,`),
    );
    const holders = Object.entries(all()).filter(([, text]) => text.includes(password));
    expect(holders.map(([name]) => name)).toEqual(['event_store_url']);
  });

  test('makes a certificate of ours anew that ends soon, with its key, and nothing else', () => {
    const before = all();
    agesTo('eventstore-2.crt');
    agesTo('tls.pem');
    make();
    expect(holds('eventstore-2.crt', 'eventstore-2.key', 'event_store_ca.crt')).toBe(true);
    expect(holds('tls.pem', 'tls.pem', 'tls_ca.crt')).toBe(true);
    const after = all();
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.sort()).toEqual(['eventstore-2.crt', 'eventstore-2.key', 'tls.pem']);
  });

  test('never touches a certificate that an authority of others signed', () => {
    rmSync(secrets.path('tls_ca.ca-key'), { force: true });
    agesTo('tls.pem');
    const theirs = read('tls.pem');
    make();
    expect(read('tls.pem')).toBe(theirs);
  });

  test('says that an authority ends soon, and makes none under the same name', () => {
    agesTo('event_store_ca.crt');
    const old = read('event_store_ca.crt');
    expect(make()).toContain('ENDS SOON');
    expect(read('event_store_ca.crt')).toBe(old);
  });
});
