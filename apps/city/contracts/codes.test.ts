import { describe, expect, test } from '@jest/globals';
import { families, problemOf } from '#libs/platform';
import { DiskFull } from '#libs/embedded-postgres';
import { codesOf, codeTable } from './codes.js';
import { openSources } from './sources.js';
import { codeTexts } from './texts/index.js';

const codes = codesOf(openSources(new URL('../../../', import.meta.url)));
const [first, text] = codeTexts[0] ?? ['', ['', '', 'nothing']];

describe('contracts/codes.json', () => {
  test('has a text in two languages for every code that an error can carry', () => {
    const table = codeTable(codes, codeTexts);
    for (const [code, { en, zh, action, answers }] of Object.entries(table.codes)) {
      expect([code, /^[A-Z].*\.$/s.test(en), /\p{Script=Han}.*。$/su.test(zh)]).toEqual([
        code,
        true,
        true,
      ]);
      expect(table.actions[action].zh).toMatch(/\p{Script=Han}/u);
      expect(answers.length).toBeGreaterThan(0);
    }
  });

  test('is refused where a code has no text, a text has no code, or a code has two texts', () => {
    expect(() => codeTable(codes, codeTexts.slice(1))).toThrow(`${first} has no text`);
    expect(() => codeTable(codes, [...codeTexts, ['no_such_code', text]])).toThrow(
      'no error has the code no_such_code',
    );
    expect(() => codeTable(codes, [...codeTexts, [first, [...text]]])).toThrow(
      `${first} has two texts`,
    );
  });

  test('gives the status with which the code is answered', () => {
    const table = codeTable(codes, codeTexts);
    const { problem } = problemOf(new DiskFull('disk_full', 'the disk is full'), 'request');
    expect(table.codes['disk_full']?.answers).toEqual([
      { family: 'unavailable', status: problem.status },
    ]);
    expect(table.codes['content_type_unsupported']?.answers).toEqual([
      { family: 'invalid', status: 415 },
    ]);
    expect(table.codes['rate_exceeded']?.answers[0]?.status).toBe(families['too-many'].status);
  });

  test('tells codes of replies from those of the command line and of logs', () => {
    const table = codeTable(codes, codeTexts);
    expect(table.codes['consent_spent']?.http).toBe(true);
    expect(table.codes['option_wrong']?.http).toBe(false);
    expect(table.codes['seal_broken']?.http).toBe(false);
  });
});
