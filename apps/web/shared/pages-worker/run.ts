/// <reference lib="webworker" />
import { earlierAsset, forgetOthers, inBrowser, responseOf } from './caches.ts';
import type { PagesFault } from './known.ts';
import { keptFile, lookAtPages, type Outcome } from './look.ts';
import type { KeptPage } from './surroundings.ts';

/** Milliseconds between two looks that a page asks for: it does each time that it is seen again. */
const lookEvery = 10 * 60 * 1000;

/** What the pages that are open are told: what is wrong, and whether recorded ones go on. */
const said = (fault: PagesFault | null, kept: boolean) => ({
  pagesFault: fault === null ? null : { ...fault, kept },
});

/** Addresses of a page and its parts: no answer of the API is among them. */
interface Addresses {
  readonly page: KeptPage;
  readonly isOfPage: (pathname: string) => boolean;
  /** The address under which the set has it, where the page has several. */
  readonly inSet?: (pathname: string) => string;
}

/** The service worker of a page that takes recorded sets alone, and works without network. */
export function runWorker({ page, isOfPage, inSet = (pathname) => pathname }: Addresses): void {
  const worker = globalThis as unknown as ServiceWorkerGlobalScope;
  const around = inBrowser(page);

  const isOfPages = ({ method, url }: Request): boolean => {
    const { origin, pathname } = new URL(url);
    return method === 'GET' && origin === worker.location.origin && isOfPage(pathname);
  };

  const tell = async (fault: PagesFault | null): Promise<void> => {
    const kept = (await around.known()) !== null;
    for (const client of await worker.clients.matchAll({ includeUncontrolled: true }))
      if (isOfPage(new URL(client.url).pathname)) client.postMessage(said(fault, kept));
  };

  let looking: Promise<Outcome> | undefined;

  /** One look at a time. */
  const look = (): Promise<Outcome> =>
    (looking ??= lookAtPages(around)
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
  const answer = async (request: Request): Promise<Response> => {
    const pathname = inSet(new URL(request.url).pathname);
    const file = await keptFile(around, pathname);
    if (file !== null) return responseOf(file);
    const earlier = await earlierAsset(pathname);
    if (earlier !== undefined) return earlier;
    // Nothing is kept yet, or the browser dropped it all: this page is taken on trust.
    return (await around.known()) === null ? fetch(request) : Response.error();
  };

  /** The scope of /p holds /phone, too, so that another page may come here for its parts. */
  const isPageAt = async (client: string): Promise<boolean> => {
    const found = await worker.clients.get(client);
    return found !== undefined && isOfPage(new URL(found.url).pathname);
  };

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
      around
        .known()
        .then((known) => forgetOthers(page, known))
        .then(() => worker.clients.claim()),
    );
  });

  worker.addEventListener('fetch', (event) => {
    const { request } = event;
    if (!isOfPages(request)) return;
    if (request.mode !== 'navigate') {
      event.respondWith(
        isPageAt(event.clientId).then((isIt) => (isIt ? answer(request) : fetch(request))),
      );
      return;
    }
    event.respondWith(answer(request));
    looked = Date.now();
    event.waitUntil(look());
  });

  worker.addEventListener('message', (event) => {
    if (event.data !== 'pages') return;
    event.waitUntil(
      around.known().then(async (known) => {
        event.source?.postMessage(said(known?.fault ?? null, known !== null));
        if (Date.now() - looked < lookEvery) return;
        looked = Date.now();
        await look();
      }),
    );
  });
}
