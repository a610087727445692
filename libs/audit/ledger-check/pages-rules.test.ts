import { expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { nameOfPages, type PageOfSet, pagesStream } from '#libs/verify';
import { RecordRules } from './record-rules.js';

const page = (path: string, letter: string): PageOfSet => ({ path, hash: letter.repeat(43) });
const first = [page('icon.svg', 'A'), page('phone/index.html', 'B')];
const second = [page('icon.svg', 'C'), page('phone/index.html', 'B')];
const saying = (files: readonly PageOfSet[], more: JsonObject = {}): JsonObject => ({
  actor: 'city',
  files: files.map(({ path, hash }) => ({ path, hash })),
  set: nameOfPages(files),
  time: '2026-12-01T08:00:00.000Z',
  ...more,
});

/** What the rules find in published sets, in their order. */
function foundIn(sets: readonly JsonObject[], stream = pagesStream): readonly string[] {
  const rules = new RecordRules('city.example', () => undefined);
  sets.forEach((said, n) => {
    rules.take([n, stream, n, 'PagesPublished', said]);
  });
  return rules.findings.map(({ what, leaf }) => `${leaf} ${what}`);
}

test('sets that follow each other are as they must be, an earlier one that comes back too', () => {
  expect(foundIn([saying(first), saying(second), saying(first)])).toEqual([]);
});

test.each([
  [
    'under the name of another',
    [saying(first, { set: nameOfPages(second) })],
    '0 pages_set_misnamed',
  ],
  ['without files', [saying([])], '0 pages_set_misnamed'],
  ['with a file told twice', [saying([first[0]!, first[0]!])], '0 pages_set_misnamed'],
  ['by a client', [saying(first, { actor: 'terminal-1' })], '0 pages_not_of_city'],
  ['a second time in a row', [saying(first), saying(first)], '1 pages_set_twice'],
])('a set %s is found', (_, sets, found) => {
  expect(foundIn(sets)).toEqual([found]);
});

test('a set elsewhere than in their stream is found', () => {
  expect(foundIn([saying(first)], 'pages-others')).toEqual(['0 pages_not_of_city']);
});
