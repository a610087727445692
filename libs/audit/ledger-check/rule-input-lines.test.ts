import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RuleInputLines, ruleInputsIn } from './rule-input-lines.js';

test('ruleInputs come out as they were put in, whatever they say and however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 300 }), (ruleInputs) => {
      const lines = new RuleInputLines();
      const texts = ruleInputs.map((statement) => JSON.stringify(statement));
      for (const text of texts) lines.add(text);
      expect([...ruleInputsIn(lines.bytes)].map((one) => JSON.stringify(one))).toEqual(texts);
    }),
    { numRuns: 50 },
  );
});

test('a statement of many bytes a letter, longer than all before it, is kept whole', () => {
  const lines = new RuleInputLines();
  const text = JSON.stringify('证'.repeat(100_000));
  lines.add('[1]');
  lines.add(text);
  expect([...ruleInputsIn(lines.bytes)]).toEqual([[1], JSON.parse(text)]);
});
