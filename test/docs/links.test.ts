import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string) => readFileSync(root + path, 'utf8');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(root + path));
const pages = files.filter((path) => path.endsWith('.md'));

/** The anchors that headings get where Markdown is shown. */
const anchorsOf = (page: string): Set<string> =>
  new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );

/** What is wrong with a link to a path and an anchor; nothing where it leads somewhere. */
function fault(path: string, anchor: string | undefined): string | null {
  if (!existsSync(root + path)) return `${path} does not exist`;
  if (anchor === undefined || !path.endsWith('.md')) return null;
  return anchorsOf(text(path)).has(anchor) ? null : `${path} has no #${anchor}`;
}

describe('links', () => {
  test.each(pages)('of %s lead to a page and a heading that exist', (page) => {
    const links = [...text(page).matchAll(/(?:\]\(|^\[[^\]]+\]: )([^\s)]+)/gm)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link));
    const faults = links.map((link) => {
      const [path = '', anchor] = link.split('#');
      return fault(path === '' ? page : normalize(join(dirname(page), path)), anchor);
    });
    expect(faults.filter((one) => one !== null)).toEqual([]);
  });

  test('to docs/ in code, contracts and configuration lead to a page and a heading that exist', () => {
    const sources = files.filter(
      (path) => /\.(ts|mjs|c?js|json|ya?ml|sh|cfg)$/.test(path) && !path.startsWith('test/docs/'),
    );
    const found = sources.flatMap((source) =>
      [...text(source).matchAll(/docs\/[\w/-]+\.md(?:#([\w-]+))?/g)].map(
        ([link, anchor]) => [source, fault(link.split('#')[0] ?? '', anchor)] as const,
      ),
    );
    expect(found.length).toBeGreaterThan(60);
    expect(found.filter(([, wrong]) => wrong !== null)).toEqual([]);
  });
});
