import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { AxeResults } from 'axe-core';

const require = createRequire(import.meta.url);
const output = fileURLToPath(new URL('./output/', import.meta.url));
const fonts = dirname(require.resolve('@fontsource-variable/noto-sans-sc/index.css'));
const isWider = 'document.documentElement.scrollWidth > innerWidth';
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A holder's phone: one page in a context of its own, and all that it complained of. */
export class PhonePage {
  readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly url: string,
  ) {}

  static async open(
    browser: Browser,
    url: string,
    { fragment = '', ahead = 0, worker = false, script = () => undefined }: Opening = {},
  ): Promise<PhonePage> {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
      serviceWorkers: worker ? 'allow' : 'block',
    });
    const page = await context.newPage();
    const phone = new PhonePage(context, page, url);
    page.on('pageerror', (error) => phone.complaints.push(String(error)));
    page.on('console', (message) => {
      // Chromium tells each answer that is no success; the page tells the person.
      if (!/^(Failed to load resource|Service Worker registration blocked)/.test(message.text()))
        phone.complaints.push(message.text());
    });
    await context.exposeFunction('tellViolation', (what: string) => phone.complaints.push(what));
    await context.addInitScript({
      content: `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        tellViolation(violatedDirective + ' ' + blockedURI);
      });`,
    });
    await context.addInitScript(script);
    if (ahead !== 0) await page.clock.install({ time: Date.now() + ahead });
    // Requests that a worker answers do not pass here.
    if (!worker) await phone.#withFonts();
    await page.goto(`${url}/phone${fragment}`);
    return phone;
  }

  /** The npm browser has no Chinese font: the page gets one from its own origin. */
  async #withFonts(): Promise<void> {
    await this.context.route(/\/(phone|online)$/, async (route) => {
      if (route.request().method() !== 'GET') return route.continue();
      const response = await route.fetch();
      const body = (await response.text()).replace(
        '</head>',
        '<link rel="stylesheet" href="/test-fonts/index.css" /></head>',
      );
      await route.fulfill({ response, body });
    });
    await this.context.route(`${this.url}/test-fonts/**`, async (route) => {
      const path = join(fonts, new URL(route.request().url()).pathname.slice(12));
      await route.fulfill({ path });
    });
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  text(text: string | RegExp) {
    return this.page.getByText(text);
  }

  /** Waits until the text is there. */
  async sees(text: string | RegExp): Promise<void> {
    await this.text(text).first().waitFor();
  }

  /** Pictures of the state in both languages, and what axe finds in it. */
  async look(name: string): Promise<readonly string[]> {
    await mkdir(output, { recursive: true });
    const found: string[] = [];
    for (const language of ['zh', 'en']) {
      await this.page.evaluate('document.fonts.ready');
      await this.page.screenshot({
        path: join(output, `phone-${name}-${language}.png`),
        fullPage: true,
      });
      found.push(...(await this.axe()).map((finding) => `${name} ${language}: ${finding}`));
      if (await this.page.evaluate(isWider))
        found.push(`${name} ${language}: wider than the screen`);
      await this.button(language === 'zh' ? /switch to English/ : '切换到中文').click();
    }
    return found;
  }

  async axe(): Promise<readonly string[]> {
    await this.page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await this.page.evaluate(async (values) => {
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

  close(): Promise<void> {
    return this.context.close();
  }
}

interface Opening {
  /** Of the address, with `#`. */
  readonly fragment?: string;
  /** Milliseconds by which the phone's clock is ahead. */
  readonly ahead?: number;
  /** Whether its service worker runs. */
  readonly worker?: boolean;
  /** Runs before the page's own. */
  readonly script?: () => void;
}
