import { describe, expect, test } from '@jest/globals';
import {
  authorities,
  day,
  factsOf,
  knowledgeOf,
  noon,
  printedProof,
} from '../../../test/support/printed-pages.js';
import { judgePrint, type PrintedCheck, type ReaderKnowledge } from '#libs/verify/printed-proof';
import { linesOf, toneOfVerdict } from './lines.ts';

const judged = (known: Partial<ReaderKnowledge> = {}, proof = printedProof()) =>
  judgePrint(proof, knowledgeOf(known));
const tones = (of: ReturnType<typeof judged>) =>
  Object.fromEntries(linesOf(of).map(({ name, tone }) => [name, tone]));

describe('the lines below a verdict', () => {
  test('are green for what was checked, and never for the paper', () => {
    expect(tones(judged())).toEqual({
      paper: 'blue',
      authority: 'green',
      log: 'green',
      validity: 'green',
      standing: 'green',
    });
  });

  test('are green for nothing where nothing is known', () => {
    const nothing = judged({ policy: null, authorityKeys: null, answered: null, standing: null });
    expect(tones(nothing)).toEqual({
      paper: 'blue',
      authority: 'amber',
      log: 'amber',
      validity: 'amber',
      clock: 'amber',
      standing: 'amber',
    });
    expect(toneOfVerdict(nothing)).toBe('amber');
  });

  test('are no better than the worst check that they stand for', () => {
    const all: readonly PrintedCheck[] = judged().checks;
    for (const worse of ['failed', 'not-checked'] as const)
      for (const { check } of all) {
        if (check === 'paper-text') continue;
        const checks = all.map((each) => (each.check === check ? { ...each, state: worse } : each));
        const worst = linesOf({ checks }).filter(({ state }) => state === worse);
        // A date is no better than its signature.
        expect(worst.length).toBeGreaterThanOrEqual(1);
        expect(worst.map(({ tone }) => tone)).not.toContain('green');
      }
  });

  test('say why, of the check that is worst', () => {
    const stranger = judged({}, printedProof(factsOf(), { signer: authorities.stranger }));
    expect(linesOf(stranger)).toContainEqual(
      expect.objectContaining({ name: 'authority', tone: 'red', why: 'signature_wrong' }),
    );
  });
});

test('a verdict is green for what holds now in a city that is none of a trial', () => {
  expect(toneOfVerdict(judged())).toBe('green');
  expect(toneOfVerdict({ ...judged(), trial: true })).toBe('amber');
  expect(toneOfVerdict(judged({ standing: null }))).toBe('amber');
  expect(toneOfVerdict(judged({ standing: { is: 'revoked', asOf: noon } }))).toBe('red');
  const late = { at: noon + 181 * day, city: noon + 181 * day };
  expect(toneOfVerdict(judged({ now: late.at, answered: late }))).toBe('slate');
});
