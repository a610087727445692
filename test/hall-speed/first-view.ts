import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A slow phone on a slow network: 1.6 Mbit/s, 150 ms, a processor of a quarter of the speed. */
const network = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
};
const slowdown = 4;

/** Of the page: when it was seen, once it was. */
const seenAt = `new Promise((tell) => {
  const look = () => {
    if (globalThis.seenAt === undefined) setTimeout(look, 20);
    else tell(globalThis.seenAt);
  };
  look();
})`;

async function throttled(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', network);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
}

/**
 * Milliseconds from the address to the text of the first view, with nothing in the cache; the page
 * says when, so that the measuring browser's own way counts for nothing.
 */
export async function firstViews(
  browser: Browser,
  url: string,
  text: string,
  { runs, ...options }: BrowserContextOptions & { readonly runs: number },
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = 0; n < runs; n++) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (!document.body?.innerText.includes(${JSON.stringify(text)})) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (globalThis.seenAt = performance.now())));
    }).observe(document, { subtree: true, childList: true, characterData: true })`);
    await throttled(page);
    await page.goto(url);
    times.push(await page.evaluate<number>(seenAt));
    await context.close();
  }
  return times;
}

interface Weight {
  /** What the page's own HTML names, and the HTML itself. */
  readonly first: number;
  /** Everything that one visit can load, fonts apart. */
  readonly all: number;
  /** What `apart` names. */
  readonly apart: number;
}

/**
 * Bytes in gzip of a page of a city, and of what it loads, first and later.
 * @param apart files that a visit in one language and a browser of today do not load
 */
export async function weightOf(baseUrl: string, name: string, apart: RegExp): Promise<Weight> {
  const texts = new Map<string, string>();
  const size = (text: string) => gzipSync(text, { level: 9 }).length;
  const read = async (path: string): Promise<string | null> => {
    const response = await fetch(baseUrl + path);
    return response.ok ? response.text() : null;
  };
  const follow = async (text: string): Promise<void> => {
    for (const [file] of text.matchAll(/[\w-]+\.(?:js|css)\b/g)) {
      if (texts.has(file)) continue;
      const content = (await read(`/assets/${file}`)) ?? (await read(`/${file}`));
      if (content === null) continue;
      texts.set(file, content);
      await follow(content);
    }
  };
  const html = (await read(`/${name}`)) ?? '';
  await follow(html);
  const sizes = [...texts].map(([file, text]) => ({ file, bytes: size(text) }));
  const sum = (files: readonly { readonly bytes: number }[]) =>
    files.reduce((bytes, one) => bytes + one.bytes, size(html));
  const counted = sizes.filter(({ file }) => !apart.test(file));
  return {
    first: sum(sizes.filter(({ file }) => html.includes(file))),
    all: sum(counted),
    apart: sum(sizes) - sum(counted),
  };
}
