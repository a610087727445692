import { type Known, readKnown, setOf } from './known.ts';
import type { KeptPage, Served, Surroundings } from './surroundings.ts';

const knownIn = (page: KeptPage) => `${page}-known`;
const knownAt = (page: KeptPage) => `/${page}-known`;
const cacheOf = (page: KeptPage, set: string): string => `${page}-${set}`;

/**
 * Headers that are kept with a file. The record has hashes of contents alone, so that no other
 * header of a server (Refresh, Link) comes with them.
 */
const keptHeaders = [
  'content-type',
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'referrer-policy',
  'x-frame-options',
];

export const responseOf = ({ status, bytes, headers }: Served): Response =>
  new Response(bytes, { status, headers: Object.fromEntries(headers) });

async function servedIn(response: Response): Promise<Served> {
  const headers = keptHeaders.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()), headers };
}

/** Milliseconds that an answer may take. */
const patience = 30_000;

/** What a browser keeps for a page: all of it in caches of this origin. */
export const inBrowser = (page: KeptPage): Surroundings => ({
  page,
  async ask(address) {
    try {
      const response = await fetch(address, {
        cache: 'no-cache',
        credentials: 'omit',
        redirect: 'error',
        signal: AbortSignal.timeout(patience),
      });
      return await servedIn(response);
    } catch {
      return null;
    }
  },
  async known() {
    const found = await caches.match(knownAt(page), { cacheName: knownIn(page) });
    return found === undefined ? null : readKnown(await found.text());
  },
  async remember(known) {
    const cache = await caches.open(knownIn(page));
    await cache.put(knownAt(page), new Response(JSON.stringify(known)));
  },
  async keep(set, files) {
    const cache = await caches.open(cacheOf(page, set));
    for (const [address, served] of files) await cache.put(address, responseOf(served));
  },
  async kept(set, address) {
    const found = await caches.match(address, { cacheName: cacheOf(page, set) });
    return found === undefined ? null : servedIn(found);
  },
  async sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  },
  pause: (ms) => new Promise((then) => setTimeout(then, ms)),
  now: () => Date.now(),
});

/**
 * A file of a set that was kept before: a page that is open loads its parts from it. Their names
 * hold a hash of their content.
 */
export const earlierAsset = async (address: string): Promise<Response | undefined> =>
  address.startsWith('/assets/') ? caches.match(address) : undefined;

/** Deletes all sets of the page but the one that is kept now. */
export async function forgetOthers(page: KeptPage, known: Known | null): Promise<void> {
  const kept = known === null ? [] : [cacheOf(page, setOf(known).set)];
  const wanted = new Set([knownIn(page), ...kept]);
  for (const name of await caches.keys())
    if (name.startsWith(`${page}-`) && !wanted.has(name)) await caches.delete(name);
}
