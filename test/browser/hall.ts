import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const output = fileURLToPath(new URL('./output/', import.meta.url));
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const isWider = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

/** The pages as browsers get them: built where a source is newer. */
export async function buildPages(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/build-pages.mjs'], { cwd: root });
}

/** Scripts of the page, as text: this project's types are those of Node. */
const tellViolations = `addEventListener('securitypolicyviolation', (event) => {
  console.error('refused by ' + event.violatedDirective + ': ' + event.blockedURI);
});`;
const everythingKept = `(async () => ({
  html: document.documentElement.outerHTML,
  values: [...document.querySelectorAll('input')].map(({ value }) => value),
  title: document.title,
  url: location.href,
  history: JSON.stringify(history.state),
  local: { ...localStorage },
  session: { ...sessionStorage },
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
}))()`;

/**
 * A page in a browser, and everything that it complained of: what its policy refused, and what it
 * wrote to the console.
 */
export class HallPage {
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly axe: string,
    /** Whatever the page threw, complained of or tried against its policy. */
    readonly complaints: string[],
  ) {}

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<HallPage> {
    const context = await browser.newContext({
      viewport: { width: 1920, height: 1080 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      ...options,
    });
    // A slow machine is no fault of the page's.
    context.setDefaultTimeout(30_000);
    const complaints: string[] = [];
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      // A refused request is what some tests are about; the page tells of it in its own words.
      if (!message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
    await context.addInitScript({ content: tellViolations });
    const axe = await readFile(
      createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
      'utf8',
    );
    await mkdir(output, { recursive: true });
    return new HallPage(context, await context.newPage(), axe, complaints);
  }

  /**
   * A picture of the state in both languages, and what axe finds in it: nothing.
   * @param name of the state
   * @returns one line a finding
   */
  async look(name: string, page = this.page): Promise<string[]> {
    const findings: string[] = [];
    for (const [language, other] of [
      ['zh', '切换到中文'],
      ['en', 'EN – switch to English'],
    ] as const) {
      await this.switchTo(other, page);
      await page.evaluate('document.fonts.ready.then(() => null)');
      await page.screenshot({ path: `${output}${name}-${language}.png` });
      findings.push(...(await this.findings(page)).map((found) => `${name} ${language}: ${found}`));
      if (await page.evaluate(isWider)) findings.push(`${name} ${language}: wider than the screen`);
    }
    await this.switchTo('切换到中文', page);
    return findings;
  }

  /**
   * The state in the system's own colours, with more contrast, and at 200 % zoom: half as wide and
   * high as the screen. @returns one line a finding
   */
  async looksOtherwise(name: string, page = this.page): Promise<string[]> {
    const findings: string[] = [];
    for (const [kind, media] of [
      ['forced', { forcedColors: 'active', colorScheme: 'dark' }],
      ['contrast', { contrast: 'more' }],
    ] as const) {
      await page.emulateMedia(media);
      findings.push(...(await this.look(`${name}-${kind}`, page)));
      await page.emulateMedia({ forcedColors: 'none', contrast: null, colorScheme: 'light' });
    }
    const size = page.viewportSize() ?? { width: 1920, height: 1080 };
    await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
    findings.push(...(await this.look(`${name}-zoom`, page)));
    await page.setViewportSize(size);
    return findings;
  }

  private async switchTo(label: string, page: Page): Promise<void> {
    // A dialog lies over the switch, and the picture needs it open.
    const button = page.locator(`button[aria-label="${label}"]`);
    if ((await button.count()) > 0) await button.dispatchEvent('click');
  }

  private async findings(page: Page): Promise<string[]> {
    // Run as the debugger does: the page's policy is not loosened for it.
    await page.evaluate(this.axe);
    const options = JSON.stringify({ runOnly: rules, resultTypes: ['violations'] });
    // In the system's own colours axe reads those of the style sheet, which nobody sees.
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, {
      ...${options},
      rules: { 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } },
    })`);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id} ${html.slice(0, 160)} ${failureSummary ?? ''}`,
      ),
    );
  }

  /** Everything that the page keeps beyond its memory, and shows, as one text. */
  async remains(): Promise<string> {
    const kept = await this.page.evaluate<object>(everythingKept);
    return JSON.stringify({ ...kept, state: await this.context.storageState() });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

export { launchBrowser };
