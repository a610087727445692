import { describe, expect, test } from '@jest/globals';
import { IdentifierInvalid, normalIdentifier } from '#libs/subject';
import { explain, texts } from './messages.js';

const inTwoLanguages = /[\p{Script=Han}].* \/ .*[a-z]{2}/su;
/** What stands between a code that has no text and its reader. */
const unforeseen = /未通过检查/;

describe('a refused line', () => {
  test.each(Object.keys(texts))('is told in Chinese and in English: %s', (code) => {
    const refusal = { code, message: 'said by a program', facts: {} };
    for (const column of [undefined, 'as_of', '姓名']) {
      const facts = column === undefined ? {} : { column };
      const said = explain({ ...refusal, facts }, () => 'x');
      expect(said).toMatch(inTwoLanguages);
      expect(said).not.toMatch(unforeseen);
    }
  });

  test('of a code that is no line’s own is told as the city tells it', () => {
    const refusal = { code: 'blob_unknown', message: 'no such blob', facts: {} };
    const hints = { hint: 'Store it first.', hintZh: '请先上传。' };
    expect(explain({ ...refusal, ...hints }, () => null)).toBe(
      '请先上传。 / no such blob; Store it first.',
    );
    expect(explain(refusal, () => null)).toMatch(unforeseen);
  });

  const cells: Readonly<Record<string, string>> = {
    holder_kind: '414',
    holder_number: 'E00000001',
    holder_issuer: '美国',
  };
  const told = (kind: string, issuer?: string) => {
    try {
      normalIdentifier({ kind, number: 'E00000001', ...(issuer !== undefined && { issuer }) });
    } catch (error) {
      if (error instanceof IdentifierInvalid)
        return explain(error, (column) => cells[column] ?? null);
      throw error;
    }
    return 'accepted';
  };
  test('is blamed on the issuer of a number where that is missing or wrong, and shows it', () => {
    expect(told('414')).toMatch(/^holder_issuer：.*缺少签发国.*CHN/);
    expect(told('414', '美国')).toMatch(
      /^holder_issuer：“美国”：签发国（机构）写法不对.*护照机读区/,
    );
    expect(told('112')).toMatch(/^holder_kind：“414”/);
    expect(told('414', 'USA')).toBe('accepted');
  });

  test('names the time that decides where it is outdated', () => {
    const refusal = { code: 'version_outdated', message: '', facts: { asOf: '2026-11-20' } };
    expect(explain(refusal, () => '2026-11-19')).toMatch(/^as_of：“2026-11-19”：.*2026-11-20/);
  });
});
