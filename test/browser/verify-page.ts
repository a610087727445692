import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { noon } from '../support/printed-pages.js';
import { axeFindings, giveFonts, isWider, output } from './looking.js';

const types: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
};

interface Opening {
  readonly path?: string;
  /** With `#`. */
  readonly fragment?: string;
  /** The device's clock, in seconds since 1970. */
  readonly now?: number;
  /** Whether its service worker runs. */
  readonly worker?: boolean;
  readonly width?: number;
}

/** The public page in a context of its own, what it asked for, and what it complained of. */
export class VerifyPage {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async open(
    browser: Browser,
    url: string,
    {
      path = '/verify',
      fragment = '',
      now = noon + 120,
      worker = false,
      width = 390,
    }: Opening = {},
  ): Promise<VerifyPage> {
    const context = await browser.newContext({
      viewport: { width, height: width === 390 ? 844 : 900 },
      deviceScaleFactor: width === 390 ? 2 : 1,
      acceptDownloads: true,
      serviceWorkers: worker ? 'allow' : 'block',
    });
    const page = await context.newPage();
    const verify = new VerifyPage(context, page);
    page.on('pageerror', (error) => verify.complaints.push(String(error)));
    page.on('console', (message) => {
      if (!/^(Failed to load resource|Service Worker registration blocked)/.test(message.text()))
        verify.complaints.push(message.text());
    });
    page.on('request', (request) => verify.requests.push(request.url()));
    await context.exposeFunction('tellViolation', (what: string) => verify.complaints.push(what));
    await context.addInitScript({
      content: `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        tellViolation(violatedDirective + ' ' + blockedURI);
      });`,
    });
    await page.clock.setFixedTime(now * 1000);
    if (!worker) await giveFonts(context, url, /\/(verify|p)(#.*)?$/);
    await page.goto(url.startsWith('file:') ? url : `${url}${path}${fragment}`);
    return verify;
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** What is said of a line: its status and its reasons. */
  async line(name: string): Promise<string> {
    return this.page.locator('.lines li', { hasText: name }).innerText();
  }

  /** Words of all lines and of the verdict that are green. */
  green(): Promise<readonly string[]> {
    return this.page.locator('.status.green, .result.green > h2').allInnerTexts();
  }

  async upload(...files: readonly { readonly name: string; readonly buffer: Buffer }[]) {
    await this.page.locator('.entry input[type=file]').setInputFiles(
      files.map(({ name, buffer }) => ({
        name,
        buffer,
        mimeType: types[name.slice(-3)] ?? 'application/octet-stream',
      })),
    );
  }

  /** Pictures of the state in both languages, and what axe finds in it. */
  async look(name: string): Promise<readonly string[]> {
    await mkdir(output, { recursive: true });
    const found: string[] = [];
    for (const language of ['zh', 'en']) {
      await this.page.evaluate('document.fonts.ready');
      await this.page.screenshot({
        path: join(output, `verify-${name}-${language}.png`),
        fullPage: true,
      });
      found.push(...(await axeFindings(this.page)).map((what) => `${name} ${language}: ${what}`));
      if (await this.page.evaluate(isWider))
        found.push(`${name} ${language}: wider than the screen`);
      await this.button(language === 'zh' ? /switch to English/ : '切换到中文').click();
    }
    return found;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
