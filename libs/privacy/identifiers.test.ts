import { describe, expect, test } from '@jest/globals';
import { IdentifierInvalid } from './errors.js';
import { normalIdentifier } from './identifiers.js';

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
    expect(normalIdentifier('111', ' 11010519491231002x\n')).toEqual({
      kind: '111',
      number: '11010519491231002X',
    });
    expect(normalIdentifier('001', '11430112000000001p').number).toBe('11430112000000001P');
    expect(normalIdentifier('414', 'e00000001').number).toBe('E00000001');
    expect(normalIdentifier('999', '军字第0000001号').number).toBe('军字第0000001号');
  });

  test.each([
    ['111', '110105194912310021', 'identifier_check_failed'],
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
    const error = codeOf(() => normalIdentifier(kind, number));
    expect(error).toMatchObject({ code });
    if (number.length > 3) expect(JSON.stringify(error) + String(error)).not.toContain(number);
  });
});
