import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const rows = readFileSync(at('docs/security.md'), 'utf8')
  .split('\n')
  .filter((line) => /`[^`]+\.ts`( ›| *\|)/.test(line))
  .map((line) => {
    const [, file = '', name] = /`([^`]+\.ts)`(?: › (.+?))? *\|$/.exec(line) ?? [];
    return { threat: line.split('|')[1]?.trim() ?? line, file, name };
  });

describe('docs/security.md', () => {
  test('names controls, each with a test', () => {
    expect(rows.length).toBeGreaterThan(25);
  });
  test.each(rows)('the test against “$threat” exists', ({ file, name }) => {
    expect(existsSync(at(file))).toBe(true);
    if (name === undefined) return;
    // Long names are broken over lines in the source; each piece of text stands there as it is.
    expect(readFileSync(at(file), 'utf8')).toContain(name);
  });
});
