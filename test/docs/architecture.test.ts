import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const text = (path: string) => readFileSync(at(path), 'utf8');
const page = text('docs/architecture.md');

interface Rule {
  readonly name: string;
  readonly from: { readonly path?: string };
}
const { forbidden } = createRequire(import.meta.url)(at('.dependency-cruiser.cjs')) as {
  readonly forbidden: readonly Rule[];
};
/**
 * The declared order, as the boundary check has it: one rule a room, and the last room has none.
 */
const order = forbidden.flatMap(({ name, from }) =>
  name.endsWith('-is-below') ? [from.path?.slice('^libs/'.length, -1) ?? ''] : [],
);

describe('docs/architecture.md', () => {
  test('has the rooms that there are, in the order that the boundary check holds', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, room]) => room);
    expect(rows.slice(0, -1)).toEqual(order);
    const folders = readdirSync(at('libs'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect(rows.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  test.each([...page.matchAll(/`((?:libs|apps|test)\/[\w./-]+)`/g)].map(([, path = '']) => path))(
    'names %s, which exists',
    (path) => {
      expect(existsSync(at(path))).toBe(true);
    },
  );

  test('README’s picture has every room, in the same order', () => {
    const picture = /^ {3}libs\/ ([\s\S]*?)```/m.exec(text('README.md'))?.[1] ?? '';
    const named = picture
      .match(/[a-z]+(?:-[a-z]+)*/g)
      ?.filter((word) => existsSync(at(`libs/${word}`)));
    expect(named?.slice(0, order.length)).toEqual(order);
  });
});
