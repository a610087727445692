import { expect, test } from '@jest/globals';
import { freshId } from './execute.js';

test('an id has 22 characters of base64url and never begins like a command line option', () => {
  const ids = Array.from({ length: 2000 }, (_, n) => freshId({ seed: String(n) }, 'certificate'));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
});
