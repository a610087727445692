import { expect, test } from '@jest/globals';
import { RequestFailed } from '../shared/trouble.ts';
import { hindranceOf } from './release.ts';

const thrown = (code: string, facts: Record<string, unknown> = {}) =>
  new RequestFailed({ code, request: 'r', facts });

test.each([
  [new TypeError('fetch failed'), { is: 'lost' }],
  [thrown('answer_lost'), { is: 'lost' }],
  [
    thrown('seal_pending', { at: '/v1/receipts/book-1/2' }),
    { is: 'held', at: '/v1/receipts/book-1/2' },
  ],
  [thrown('consent_spent'), { is: 'used-elsewhere' }],
  [thrown('release_withheld'), { is: 'changed' }],
  [thrown('certificate_revoked'), { is: 'changed' }],
  [thrown('nothing_to_release', { missing: ['ZZ001: certificate_revoked'] }), { is: 'changed' }],
  [thrown('holder_has_none'), { is: 'nothing' }],
  [thrown('nothing_to_release', { missing: ['ZZ001: holder_has_none'] }), { is: 'nothing' }],
  [
    thrown('token_expired'),
    { is: 'refused', trouble: { code: 'token_expired', request: 'r', facts: {} } },
  ],
])('%#: a release that came to nothing is told as what it is', (error, hindrance) => {
  expect(hindranceOf(error)).toEqual(hindrance);
});
