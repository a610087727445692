import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#libs/event-store/memory';
import { ReleaseScene } from '../../test/support/release-scene.js';
import type { Consent } from './book.js';
import { byAsker, HolderConsents, HolderConsentsHandler } from './queries/consents.js';

const asked = (consent: number, window: string) =>
  ({
    status: 'requested',
    request: { consent: String(consent), department: '人社', window },
  }) as unknown as Consent;

describe('the list of consents on a phone', () => {
  test('has each of them once, the newest of each window before the second of any', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 }), (windows) => {
        const consents = windows.map((window, n) => asked(n, window));
        const list = byAsker(consents);
        expect(new Set(list)).toEqual(new Set(consents));
        expect(list).toHaveLength(consents.length);
        const askers = new Set(windows).size;
        const first = list.slice(0, askers).map(({ request }) => request.window);
        expect(new Set(first).size).toBe(askers);
        expect(list[0]).toBe(consents.at(-1));
      }),
    );
  });

  test('is told in pages, in which nothing comes twice or is missing though more is asked meanwhile', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const holder = scene.person('11010519491231002X');
    const ask = async (at = scene.terminal) =>
      scene.request(
        await scene.open(
          [{ role: 'applicant', identifier: { kind: '111', number: holder.number } }],
          at,
        ),
        ['ZZ001'],
        at,
      );
    const meant = await ask(scene.otherWindow);
    const many: string[] = [];
    for (let n = 0; n < 120; n++) many.push(await ask());
    const list = new HolderConsentsHandler(scene.books, scene.clock);
    const page = (after: string | null) =>
      list.execute(new HolderConsents(holder.principal, after));
    const first = await page(null);
    expect(first.consents).toHaveLength(100);
    expect(first.consents.slice(0, 2).map(({ consent }) => consent)).toEqual([many.at(-1), meant]);
    await ask();
    const second = await page(first.next);
    expect(second.next).toBeNull();
    const all = [...first.consents, ...second.consents].map(({ consent }) => consent);
    expect(all.toSorted()).toEqual([meant, ...many].sort());
  });
});
