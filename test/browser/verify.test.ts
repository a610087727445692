/* eslint-disable @typescript-eslint/no-unsafe-call -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CityProcesses } from '../support/city-processes.js';
import { done, type GrantedConsent, Town } from '../support/town.js';
import { VerifierPage } from './browser.js';
import type { Verdict, Verifier } from './page.js';

let town: Town<CityProcesses>;
let browser: VerifierPage;
let holder: GrantedConsent;
let released: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- a body
let hash: string;
let receipt: string;
let book: string;
let statement: string;
let policy: string;
let statementKeys: string;

beforeAll(async () => {
  browser = await VerifierPage.open();
  // As `npm start` runs it: with a witness beside it, which cosigns.
  town = await Town.around(await CityProcesses.start(1));
  holder = await town.granted();
  released = done(await town.pull(holder.token));
  hash = released.record.hash;
  // Where the seal took longer than the reply waits, the reply says where the receipt will be.
  receipt = released.receipt.receipt ?? (await town.terminal.get(released.receipt.at)).body;
  released.receipt.receipt = receipt;
  book = JSON.stringify(done(await holder.phone.get('/v1/phone/book')));
  statement = JSON.stringify(
    done(await holder.phone.get(`/v1/phone/cases/${holder.case}/statement`)),
  );
  const fetched = async (path: string) => (await fetch(town.url + path)).text();
  policy = await fetched('/log/policy');
  statementKeys = await fetched('/log/statement-keys');
}, 180_000);
afterAll(() => Promise.all([browser.close(), town.stop()]));

const check = (name: keyof Verifier, ...texts: string[]): Promise<Verdict> =>
  browser.call(name, texts);

/** The text with the lowest bit of one character the other way round. */
const flipped = (text: string, at: number): string =>
  text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
const flippedIn = (text: string, part: string): string => {
  const at = text.indexOf(part);
  expect(at).toBeGreaterThanOrEqual(0);
  return flipped(text, at + Math.floor(part.length / 2));
};

describe('in a real browser, from public keys alone', () => {
  test('a release is seen to be in the log, exactly as it was handed over', async () => {
    const holds = { hash, origin: 'trial.city.example', witnesses: 1 };
    expect(await check('release', JSON.stringify(released), policy)).toEqual({
      holds: { ...holds, type: 'ConsentRedeemed' },
    });
    expect(await check('receipt', receipt, policy)).toEqual({ holds });
  });

  test('a release with one character changed is refused, wherever in what was handed over it is', async () => {
    const { handedOver, record } = released;
    const json = JSON.stringify(handedOver);
    const tried: [string, string][] = [];
    for (let at = 0; at < json.length; at += 7) {
      let changed: unknown;
      try {
        changed = JSON.parse(flipped(json, at));
      } catch {
        continue; // no JSON any more
      }
      const verdict = await check(
        'release',
        JSON.stringify({ ...released, handedOver: changed }),
        policy,
      );
      if (!('refused' in verdict))
        tried.push([json.slice(at - 20, at + 20), JSON.stringify(verdict)]);
    }
    expect(tried).toEqual([]);
    const otherSalt = { ...released, record: { ...record, salt: 'A'.repeat(43) } };
    expect(await check('release', JSON.stringify(otherSalt), policy)).toEqual({
      refused: 'handed_over_other',
    });
    const grant = JSON.parse(book).records[1];
    const otherRecord = { ...released, record: { ...record, bytes: grant } };
    expect(await check('release', JSON.stringify(otherRecord), policy)).toEqual({
      refused: 'record_other',
    });
  });

  test('a holder’s book is seen to be complete', async () => {
    expect(await check('book', book, policy)).toEqual({
      holds: {
        stream: JSON.parse(book).stream,
        types: expect.arrayContaining(['ConsentGranted', 'ConsentRedeemed']),
      },
    });
  });

  test('a signed exemption statement is borne out by the log', async () => {
    expect(await check('statement', statement, statementKeys, policy)).toEqual({
      holds: { case: holder.case, materials: expect.arrayContaining(['ZZ001']) },
    });
  });

  test('one flipped bit is refused with a reason, wherever in a receipt it is', async () => {
    // Without names and key ids of signatures: with those changed it is another key's signature,
    // which does no harm.
    const lines = receipt.split('\n');
    const tried: [string, string][] = [];
    let at = 0;
    for (const line of lines) {
      const signature = line.startsWith('— ');
      const from = signature ? line.lastIndexOf(' ') + 8 : 0;
      for (let n = from; n < line.length; n += 5) {
        const verdict = await check('receipt', flipped(receipt, at + n), policy);
        if (!('refused' in verdict)) tried.push([line, JSON.stringify(verdict)]);
      }
      at += line.length + 1;
    }
    expect(tried).toEqual([]);
  });

  test('a changed, shortened or foreign book, statement or policy is refused', async () => {
    const shown = JSON.parse(book);
    const short = { ...shown, records: shown.records.slice(0, -1) };
    const changed = {
      ...shown,
      records: shown.records.map((record: string, n: number) =>
        n === 1 ? flippedIn(record, '"time":"20') : record,
      ),
    };
    const { statement: jws, records } = JSON.parse(statement);
    expect(await check('book', JSON.stringify(short), policy)).toEqual({ refused: 'head_other' });
    expect(await check('book', JSON.stringify(changed), policy)).toHaveProperty('refused');
    expect(
      await check(
        'statement',
        JSON.stringify({ statement: flippedIn(jws, jws.split('.')[1]), records }),
        statementKeys,
        policy,
      ),
    ).toEqual({ refused: 'statement_signature_wrong' });
    expect(
      await check(
        'statement',
        JSON.stringify({ statement: jws, records: [] }),
        statementKeys,
        policy,
      ),
    ).toEqual({ refused: 'record_missing' });
    const otherLog = policy.replace(/^log trial\.city\.example/m, 'log elsewhere.example');
    expect(await check('receipt', receipt, otherLog)).toHaveProperty('refused');
  });

  test('the page is made of the verifier alone, and asks the network for nothing but itself', () => {
    for (const source of browser.sources)
      expect(source).toMatch(
        /^(test\/browser\/page\.ts|libs\/(kernel|log|verify)\/|node_modules\/@noble\/)/,
      );
    expect(browser.requests).toEqual(['/', '/verify.js']);
    expect(browser.complaints).toEqual([]);
  });
});
