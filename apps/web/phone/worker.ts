/// <reference lib="webworker" />
import { files, set } from 'virtual:phone-files';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;
const cacheName = `phone-${set}`;
const published: ReadonlySet<string> = new Set(files);

/**
 * What this worker keeps and gives: the page and its assets, as the build listed them, and never an
 * answer of the API. Rule 14 of the design belongs here: a set of pages that is not a record of the
 * log is not taken.
 */
const isPublished = ({ method, url }: Request): boolean => {
  const { origin, pathname } = new URL(url);
  return method === 'GET' && origin === worker.location.origin && published.has(pathname);
};

/** The page is asked for anew each time, and taken from the cache where nothing answers. */
async function pageOf(request: Request): Promise<Response> {
  try {
    const fresh = await fetch(request);
    if (fresh.ok) return fresh;
    return (await caches.match('/phone', { cacheName })) ?? fresh;
  } catch (error) {
    const kept = await caches.match('/phone', { cacheName });
    if (kept === undefined) throw error;
    return kept;
  }
}

const assetOf = async (request: Request): Promise<Response> =>
  (await caches.match(request, { cacheName })) ?? fetch(request);

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('phone-') && name !== cacheName)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!isPublished(request)) return;
  event.respondWith(request.mode === 'navigate' ? pageOf(request) : assetOf(request));
});
