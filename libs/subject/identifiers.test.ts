import { describe, expect, test } from '@jest/globals';
import { IdentifierInvalid } from './subject.errors.js';
import { normalIdentifier, sameNumber } from './identifiers.js';

const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof IdentifierInvalid ? error : String(error);
  }
  return 'accepted';
};

describe('a number', () => {
  test('is looked up in one form, however it was typed', () => {
    expect(normalIdentifier({ kind: '111', number: ' 11010519491231002x\n' })).toEqual({
      kind: '111',
      number: '11010519491231002X',
    });
    expect(normalIdentifier({ kind: '001', number: '11430112000000001p' }).number).toBe(
      '11430112000000001P',
    );
    expect(normalIdentifier({ kind: '414', number: 'e00000001', issuer: 'chn' }).number).toBe(
      'E00000001',
    );
    expect(
      normalIdentifier({ kind: '999', number: '军字第0000001号', issuer: '示例机关' }).number,
    ).toBe('军字第0000001号');
  });

  test.each([
    ['H123456(7)', 'H1234567', 'H123456（7）', ' h1234567'],
    ['AB123456(A)', 'AB123456A'],
    ['H12345678(9)', 'H123456789'],
    ['12345678', '1234567801', '1234567801(B)'],
  ])('of a permit of kind 511 is one however it is printed: %s', (...writings) => {
    const found = writings.map((number) => normalIdentifier({ kind: '511', number }));
    expect(new Set(found.map(({ number }) => number)).size).toBe(1);
    for (const identifier of found) {
      expect(normalIdentifier(identifier)).toEqual(identifier);
      for (const printed of writings) expect(sameNumber(identifier, printed)).toBe(true);
    }
    expect(sameNumber(normalIdentifier({ kind: '511', number: 'H1234568' }), writings[0])).toBe(
      false,
    );
  });

  test.each([
    ['111', '110105194912310021', 'identifier_check_failed'],
    ['111', '110105179912310024', 'identifier_birth_impossible'],
    ['111', '11010519491331002X', 'identifier_check_failed'],
    ['111', '1101051949123100２X', 'identifier_malformed'],
    ['111', '1101051949123100', 'identifier_malformed'],
    ['111', '', 'identifier_malformed'],
    ['001', '11430112000000001X', 'identifier_check_failed'],
    ['001', '11430112０00000001P', 'identifier_malformed'],
    ['414', 'ſ0000001', 'identifier_malformed'],
    ['414', 'E 0000001', 'identifier_malformed'],
    ['999', 'a\u0000b', 'identifier_malformed'],
    ['112', '11010519491231002X', 'identifier_kind_unknown'],
    ['constructor', 'x', 'identifier_kind_unknown'],
  ])('of kind %s written %j is refused as %s', (kind, number, code) => {
    const error = codeOf(() => normalIdentifier({ kind, number }));
    expect(error).toMatchObject({ code });
    if (number.length > 3) expect(JSON.stringify(error) + String(error)).not.toContain(number);
  });
});
