import { expect, test } from '@jest/globals';
import { OperatorRules } from './operator-rules.js';

test.each([
  [true, []],
  [false, ['sample_passkey']],
])('an operator may have the sample passkey in a trial alone (%s)', (isTrial, expected) => {
  const found: string[] = [];
  new OperatorRules(isTrial).take('OperatorPasskeyAdded', {
    at: { leaf: 0, stream: 'operator-o1', version: 1 },
    said: {
      actor: 'c1',
      time: '2026-11-22T01:02:03.000Z',
      credential: 'sample',
      transports: ['sample'],
    },
    found: (what) => found.push(what),
  });
  expect(found).toEqual(expected);
});
