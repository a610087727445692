import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axeFindings, giveFonts, isWider, output } from './looking.js';

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
    if (!worker) await giveFonts(context, url, /\/(phone|online)$/);
    await page.goto(`${url}/phone${fragment}`);
    return phone;
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

  axe(): Promise<readonly string[]> {
    return axeFindings(this.page);
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
