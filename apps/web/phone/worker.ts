/// <reference lib="webworker" />
import { earlierAsset, forgetOthers, inBrowser, responseOf } from './worker/caches.ts';
import { keptFile, lookAtPages, type Outcome } from './worker/look.ts';
import type { PagesFault } from './worker/known.ts';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

/** Addresses that a phone's page and its parts can have: no answer of the API is among them. */
const isOfPages = ({ method, url }: Request): boolean => {
  const { origin, pathname } = new URL(url);
  return (
    method === 'GET' &&
    origin === worker.location.origin &&
    /^\/(phone|phone\.webmanifest|phone-icon\.png|icon\.svg|assets\/[^/]+)$/.test(pathname)
  );
};

/** What the pages that are open are told: what is wrong, and whether recorded ones go on. */
const said = (fault: PagesFault | null, kept: boolean) => ({
  pagesFault: fault === null ? null : { ...fault, kept },
});

async function tell(fault: PagesFault | null): Promise<void> {
  const kept = (await inBrowser.known()) !== null;
  for (const client of await worker.clients.matchAll({ includeUncontrolled: true }))
    client.postMessage(said(fault, kept));
}

let looking: Promise<Outcome> | undefined;

/** One look at a time. */
const look = (): Promise<Outcome> =>
  (looking ??= lookAtPages(inBrowser)
    .then(async (outcome) => {
      if (outcome.is === 'refused') await tell(outcome.fault);
      else if (outcome.is !== 'unasked') await tell(null);
      return outcome;
    })
    .finally(() => {
      looking = undefined;
    }));

/**
 * The page as it is kept, whatever the city serves now: what the city serves is looked at beside
 * it, and taken for the next time where the log has it.
 */
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const file = await keptFile(inBrowser, pathname);
  if (file !== null) return responseOf(file);
  const earlier = await earlierAsset(pathname);
  if (earlier !== undefined) return earlier;
  // Nothing is kept yet, or the browser dropped it all: this page is taken on trust.
  return (await inBrowser.known()) === null ? fetch(request) : Response.error();
}

/** Milliseconds between two looks that a page asks for: it does each time that it is seen again. */
const lookEvery = 10 * 60 * 1000;
let looked = 0;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    look().then((outcome) => {
      // Not installed: the worker before it goes on, or the page works without one.
      if (outcome.is === 'refused' || outcome.is === 'unasked') throw new TypeError(outcome.is);
    }),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    inBrowser
      .known()
      .then(forgetOthers)
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!isOfPages(request)) return;
  event.respondWith(answer(request));
  if (request.mode !== 'navigate') return;
  looked = Date.now();
  event.waitUntil(look());
});

worker.addEventListener('message', (event) => {
  if (event.data !== 'pages') return;
  event.waitUntil(
    inBrowser.known().then(async (known) => {
      event.source?.postMessage(said(known?.fault ?? null, known !== null));
      if (Date.now() - looked < lookEvery) return;
      looked = Date.now();
      await look();
    }),
  );
});
