import type { AxeResults } from 'axe-core';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const fonts = dirname(require.resolve('@fontsource-variable/noto-sans-sc/index.css'));
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Where pictures of pages are left for people to look at. */
export const output = fileURLToPath(new URL('./output/', import.meta.url));

/** Evaluates to whether a page has to be scrolled sideways. */
export const isWider = 'document.documentElement.scrollWidth > innerWidth';

/**
 * The npm browser has no Chinese font: pages that use the system's get one from their own origin.
 * Requests that a service worker answers do not pass here.
 */
export async function giveFonts(
  context: BrowserContext,
  url: string,
  pages: RegExp,
): Promise<void> {
  await context.route(pages, async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    const body = (await response.text()).replace(
      '</head>',
      '<link rel="stylesheet" href="/test-fonts/index.css" /></head>',
    );
    await route.fulfill({ response, body });
  });
  await context.route(`${url}/test-fonts/**`, async (route) => {
    const path = join(fonts, new URL(route.request().url()).pathname.slice(12));
    await route.fulfill({ path });
  });
}

/** What axe finds in a page as it is now. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(async (values) => {
    const { axe, matchMedia } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<AxeResults> };
      matchMedia: (query: string) => { readonly matches: boolean };
    };
    // In the system's own colours axe reads those of the style sheet, which nobody sees.
    const forced = matchMedia('(forced-colors: active)').matches;
    return axe.run({
      runOnly: { type: 'tag', values },
      rules: { 'color-contrast': { enabled: !forced } },
    });
  }, standards);
  return violations.map(
    ({ id, nodes }) => `${id} ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  );
}
