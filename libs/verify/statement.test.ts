import { describe, expect, test } from '@jest/globals';
import { canonicalize, fromBase64url, hex, type JsonObject, ProductError } from '#libs/kernel';
import { leafHash } from '#libs/log';
import { TestKey } from '../../test/support/keys.js';
import { origin, SmallLog, twoOfThree } from '../../test/support/small-log.js';
import { type StatementKeys, statementType, verifyStatement } from './index.js';

const time = '2026-11-22T01:02:03.004Z';
const ledger = new TestKey();
const keys: StatementKeys = {
  origin,
  keys: [{ kid: ledger.jkt, publicKey: fromBase64url(String(ledger.jwk.x))! }],
};
const place = { matter: 'SX0001', department: '人社', window: 'hall-1-03' };

/** The verdict on a statement whose one record holds these data. */
function verdict(changed: JsonObject): string {
  const log = new SmallLog();
  const bytes = log.write({
    stream: 'book-1',
    version: 0,
    prev: null,
    type: 'ConsentRedeemed',
    data: {
      case: 'case-1',
      action: 'read',
      basis: 'consent',
      place: { ...place, town: null },
      read: [{ material: 'M1', type: 'ZZ001' }],
      ...changed,
    },
  });
  const hash = hex(leafHash(bytes));
  const statement = ledger.sign(
    { typ: statementType, kid: ledger.jkt },
    canonicalize({
      v: 1,
      city: origin,
      case: 'case-1',
      ...place,
      matterNameZh: '灵活就业人员参保登记',
      ruleVersion: 1,
      subject: 's',
      materials: [
        {
          material: 'M1',
          nameZh: '居民身份证',
          type: 'ZZ001',
          answeredBy: { stream: 'book-1', version: 0, hash, time },
        },
      ],
      issued: time,
    }),
  );
  const records = [{ bytes, receipt: log.receipt(0, null) }];
  try {
    verifyStatement({ statement, records }, twoOfThree, keys);
  } catch (error) {
    if (error instanceof ProductError) return error.code as string;
    throw error;
  }
  return 'accepted';
}

describe('a statement', () => {
  test.each([{}, { action: 'print' }, { basis: 'mandate' }])(
    'rests on a release for an action and on a basis that are known: %j',
    (changed) => {
      expect(verdict(changed)).toBe('accepted');
    },
  );

  test.each<JsonObject>([{ action: 'keep' }, { basis: 'because' }, { action: null }])(
    'is refused for a release of unknown terms: %j',
    (changed) => {
      expect(verdict(changed)).toBe('release_of_other_terms');
    },
  );
});
