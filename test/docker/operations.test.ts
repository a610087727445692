import { describe, expect, test } from '@jest/globals';
import { text } from './repository.js';
import { variablesRead } from './variables.js';

const page = text('docs/operations.md');
const [, settings = ''] = /\n## Settings\n([\s\S]*?)\n## /.exec(page) ?? [];
const documented = new Set(
  [...settings.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name ?? ''),
);

describe('docs/operations.md', () => {
  test('has every setting that a program reads, and none that none reads', () => {
    expect(documented.size).toBeGreaterThan(15);
    expect([...documented].sort()).toEqual([...variablesRead()].sort());
  });

  test('is linked to where there is something', () => {
    const anchors = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s-]/gu, '')
          .replace(/\s/g, '-'),
      ),
    );
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});
