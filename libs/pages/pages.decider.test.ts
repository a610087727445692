import { describe, expect, test } from '@jest/globals';
import { nameOfPages } from '#libs/verify';
import { pagesDecider, type PublishedSets } from './pages.decider.js';
import type { PagesEvent } from './pages.events.js';

const { decide, evolve, initialState } = pagesDecider;
const file = (path: string, letter: string) => ({ path, hash: letter.repeat(43) });
const filesA = [file('icon.svg', 'A'), file('phone/index.html', 'B')];
const filesB = [file('icon.svg', 'C'), file('phone/index.html', 'B')];
const publish = (files: typeof filesA, set = nameOfPages(files)) =>
  ({ kind: 'publish-pages', set, productVersion: '0.2.0', files }) as const;
const published = (...sets: (typeof filesA)[]): PublishedSets =>
  sets.reduce<PublishedSets>((state, files) => {
    const { set, productVersion } = publish(files);
    const event: PagesEvent = { type: 'PagesPublished', data: { set, productVersion, files } };
    return evolve(state, event);
  }, initialState);

describe('publishing a set of pages', () => {
  test('records the first one, with the hash of each file', () => {
    const { set, productVersion, files } = publish(filesA);
    expect(decide(publish(filesA), initialState)).toEqual([
      { type: 'PagesPublished', data: { set, productVersion, files } },
    ]);
  });

  test('records nothing where it is the last one that was', () => {
    expect(decide(publish(filesA), published(filesB, filesA))).toEqual([]);
  });

  test('records another one, and an earlier one that comes back', () => {
    expect(decide(publish(filesB), published(filesA))).toHaveLength(1);
    expect(decide(publish(filesA), published(filesA, filesB))).toHaveLength(1);
  });

  test.each([
    ['under another name', publish(filesA, nameOfPages(filesB))],
    ['without files', publish([])],
    ['with a file told twice', publish([filesA[0]!, filesA[0]!])],
    ['out of order', publish(filesA.toReversed())],
    ['with a path that is none', publish([file('a\nb', 'A')])],
  ])('refuses a set %s', (_, command) => {
    expect(() => decide(command, initialState)).toThrow(
      expect.objectContaining({ code: 'pages_unusable' }),
    );
  });
});
