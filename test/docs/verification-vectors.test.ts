import { readFile, writeFile } from 'node:fs/promises';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from '@jest/globals';
import {
  base64url,
  canonicalize,
  hex,
  type JsonObject,
  ProductError,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';
import { parsePolicy, verifyRelease } from '#libs/verify';
import { passkeyGrants, verdict as verdictOfGrant } from './passkey-grants.js';
import { policyText, SmallLog } from '../support/small-log.js';

/**
 * One valid release and twelve invalid ones, and grants by passkey, for implementers of a second
 * verifier;
 * UPDATE_VECTORS=1 writes the file again.
 */
const file = new URL('../../contracts/verification-vectors.json', import.meta.url);

interface Release {
  readonly handedOver: JsonObject;
  readonly record: { readonly bytes: string; readonly salt: string };
  readonly receipt: { readonly receipt: string };
}

/** Every key and number in it is made up and the same each time: nothing here is random. */
function make() {
  const salt = new Uint8Array(32).fill(7);
  const handedOver = {
    consent: 'consent-1',
    case: 'case-1',
    action: 'read',
    basis: 'consent',
    materials: [
      {
        material: 'ZZ001',
        nameZh: '身份证',
        type: 'ZZ001',
        version: 1,
        fields: { 姓名: '测试甲' },
      },
    ],
    missing: [],
  };
  const log = new SmallLog();
  const write = (stream: string, data: JsonObject) =>
    log.write({ stream, version: 0, prev: null, type: 'ConsentRedeemed', data });
  const commitment = base64url(
    sha256(new Uint8Array([...salt, ...utf8Bytes(canonicalize(handedOver))])),
  );
  const read = [{ material: 'ZZ001', type: 'ZZ001', number: 1, fields: ['姓名'] }];
  for (let n = 0; n < 4; n++) write(`book-${n}`, {});
  const data = { case: 'case-1', action: 'read', basis: 'consent', read, commitment };
  const record = write('book-4', { ...data, consent: 'consent-1' });
  const other = write('book-5', { ...data, consent: 'consent-2' });
  const release: Release = {
    handedOver,
    record: { bytes: utf8Text(record), salt: base64url(salt) },
    receipt: { receipt: utf8Text(log.receipt(4, log.leaves[4]!)) },
  };
  const policy = policyText('two');
  const changed = (changes: Partial<Release>): Release => ({ ...release, ...changes });
  const receipt = (text: string) => changed({ receipt: { receipt: text } });
  const good = release.receipt.receipt;
  const [first = '', ...cosigned] = good.split('\n').filter((line) => line.startsWith('— '));
  const refused: readonly [string, Release, string?][] = [
    [
      'a field has another value',
      changed({
        handedOver: {
          ...handedOver,
          materials: [{ ...handedOver.materials[0]!, fields: { 姓名: '测试乙' } }],
        },
      }),
    ],
    [
      'a field is handed over that the record does not name',
      changed({
        handedOver: {
          ...handedOver,
          materials: [{ ...handedOver.materials[0]!, fields: { 姓名: '测试甲', 性别: '女' } }],
        },
      }),
    ],
    [
      'another salt',
      changed({ record: { ...release.record, salt: base64url(new Uint8Array(32).fill(8)) } }),
    ],
    ['another action', changed({ handedOver: { ...handedOver, action: 'print' } })],
    ['another record', changed({ record: { ...release.record, bytes: utf8Text(other) } })],
    [
      'a byte order mark before the record',
      changed({ record: { ...release.record, bytes: `\ufeff${release.record.bytes}` } }),
    ],
    ['the receipt of another leaf', receipt(utf8Text(log.receipt(5, log.leaves[5]!)))],
    ['another index', receipt(good.replace('index 4', 'index 5'))],
    ['a receipt with carriage returns', receipt(good.replaceAll('\n', '\r\n'))],
    ['one witness too few', receipt(good.replace(`${cosigned[0] ?? ''}\n`, ''))],
    ['the log’s own signature left out', receipt(good.replace(`${first}\n`, ''))],
    ['a policy of another log', release, policyText('none').replace(/^log .*\n/m, '')],
  ];
  return { policy, release, refused };
}

function verdict(release: Release, policy: string): JsonObject {
  try {
    const shown = verifyRelease(
      {
        handedOver: release.handedOver,
        record: utf8Bytes(release.record.bytes),
        salt: release.record.salt,
        receipt: utf8Bytes(release.receipt.receipt),
      },
      parsePolicy(policy),
    );
    return {
      holds: true,
      trial: shown.trial,
      leaf: hex(shown.leaf),
      index: shown.index,
      origin: shown.checkpoint.origin,
      size: shown.checkpoint.size,
      witnesses: shown.witnesses.map(({ name, time }) => ({ name, time: Number(time) })),
    };
  } catch (error) {
    if (error instanceof ProductError) return { holds: false, code: String(error.code) };
    throw error;
  }
}

describe('the vectors of contracts/verification-vectors.json', () => {
  const { policy, release, refused } = make();
  const vectors = {
    policy,
    release,
    result: verdict(release, policy),
    refused: refused.map(([what, one, trusted = policy]) => ({
      what,
      ...(trusted !== policy && { policy: trusted }),
      release: one,
      result: verdict(one, trusted),
    })),
    passkeyGrants: passkeyGrants(),
  };
  it('hold one release, and refuse the others, each for a reason', () => {
    expect(vectors.result).toMatchObject({ holds: true, index: 4, size: 6 });
    expect(vectors.refused.length).toBeGreaterThanOrEqual(10);
    for (const { what, result } of vectors.refused)
      expect([what, result['holds']]).toEqual([what, false]);
  });
  it('hold five grants by passkey, and refuse the others, each for a reason', () => {
    const { grants } = vectors.passkeyGrants;
    const holds = grants.map(({ result }) => result['holds']);
    expect(holds).toEqual(grants.map((_, n) => n < 5));
    const codes = grants.slice(5).map(({ result }) => result['code']);
    expect(codes).toEqual([
      ...Array<string>(3).fill('grant_of_other_request'),
      ...Array<string>(4).fill('grant_of_other_site'),
      ...Array<string>(2).fill('grant_user_not_verified'),
      ...Array<string>(3).fill('grant_malformed'),
      ...Array<string>(2).fill('grant_signature_wrong'),
      'grant_key_missing',
    ]);
  });
  it('are the ones that are published, and what this verifier says of them', async () => {
    const text = `${JSON.stringify(vectors, null, 2)}\n`;
    if (process.env['UPDATE_VECTORS'] === '1') await writeFile(file, text);
    const published = JSON.parse(await readFile(file, 'utf8')) as typeof vectors;
    expect(published).toEqual(JSON.parse(text));
    expect(verdict(published.release, published.policy)).toEqual(published.result);
    for (const { release: one, result, ...rest } of published.refused)
      expect(verdict(one, rest.policy ?? published.policy)).toEqual(result);
    const { request, grants } = published.passkeyGrants;
    for (const { grant, key, result } of grants)
      expect(verdictOfGrant(request, grant, key)).toEqual(result);
  });
});
