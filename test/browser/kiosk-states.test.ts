import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { HallPage, launchBrowser } from './hall.js';

const script = fileURLToPath(new URL('./build-states.mjs', import.meta.url));

let browser: Browser;
let server: Server;
let folder: string;
let origin: string;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-kiosk-'));
  // In a process of its own: Vite does not run inside Jest.
  await promisify(execFile)(process.execPath, [script, 'kiosk/states', folder]);
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    readFile(join(folder, path)).then(
      (content) => {
        response.writeHead(200, { 'content-type': types[extname(path)] ?? '' }).end(content);
      },
      () => {
        response.writeHead(404).end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const states = [
  'start',
  'proofs',
  'none-to-choose',
  'who',
  'phone',
  'document',
  'opening',
  'waiting',
  'waiting-number',
  'issuing',
  'printing',
  'printed',
  'kept',
  'kept-jam',
  'unprintable',
  'refused',
  'source-away',
  'no-record',
  'network',
  'still-there',
  'help',
];

describe('the kiosk’s screen, 1080 × 1920', () => {
  const findings = async (query: string, name: string) => {
    const hall = await HallPage.open(browser, { viewport: { width: 1080, height: 1920 } });
    try {
      await hall.page.goto(`${origin}/kiosk/states/index.html?${query}`);
      await hall.page.locator('.kiosk h1').waitFor();
      const small = await hall.page.evaluate<string[]>(`
        [...document.querySelectorAll('button')].flatMap((button) => {
          const { width, height } = button.getBoundingClientRect();
          const least = 12.7 * 2.7;
          return width < least || height < least ? [button.textContent + ' is too small'] : [];
        })`);
      const cut = await hall.page.evaluate<string[]>(`
        [...document.querySelectorAll('main')].flatMap((main) =>
          main.scrollHeight > main.clientHeight + 1 ? ['what is shown is higher than the screen'] : [])`);
      return [...(await hall.look(name)), ...small, ...cut];
    } finally {
      await hall.close();
    }
  };

  test.each(states)('%s', async (state) => {
    expect(await findings(`state=${state}`, `kiosk-${state}`)).toEqual([]);
  });

  test.each(['start', 'proofs', 'waiting', 'kept', 'document'])(
    '%s in larger text',
    async (state) => {
      expect(await findings(`state=${state}&larger`, `kiosk-${state}-larger`)).toEqual([]);
    },
  );

  test.each(['start', 'waiting', 'kept'])('%s with high contrast', async (state) => {
    expect(await findings(`state=${state}&contrast`, `kiosk-${state}-contrast`)).toEqual([]);
  });
});

/** A voice of the device that tells what it says, in the place of the browser's own. */
const voiceThatTells = `
  globalThis.said = [];
  const voices = ['zh-CN', 'en-GB'].map((lang) => ({ lang, localService: true, name: lang }));
  Object.defineProperty(globalThis, 'speechSynthesis', { value: {
    getVoices: () => voices,
    cancel: () => undefined,
    speak: ({ text }) => globalThis.said.push(text),
  } });
  globalThis.SpeechSynthesisUtterance = class {
    constructor(text) { this.text = text; }
  };
`;

describe('a visitor at the kiosk', () => {
  const open = async (query: string) => {
    const hall = await HallPage.open(browser, { viewport: { width: 1080, height: 1920 } });
    await hall.page.addInitScript({ content: voiceThatTells });
    await hall.page.clock.install();
    await hall.page.goto(`${origin}/kiosk/states/index.html?${query}`);
    await hall.page.locator('.kiosk h1').waitFor();
    return hall;
  };
  const title = ({ page }: HallPage) => page.locator('main h2');

  test('goes by keypad from the choice to the reader, back, and out', async () => {
    const hall = await open('state=start');
    const { page } = hall;
    await page.keyboard.press('2');
    await expect(title(hall).innerText()).resolves.toBe('请选择证明');
    await page.keyboard.press('+');
    await page.keyboard.press('*');
    await page.keyboard.press('1');
    await expect(title(hall).innerText()).resolves.toBe('请证明是您本人');
    await page.keyboard.press('2');
    await page.locator('.pin').waitFor();
    for (const digit of '12345') await page.keyboard.press(digit);
    expect(await page.locator('.dots').innerText()).toBe('● ● ● ● ● ○');
    await page.keyboard.press('#');
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('-');
    await expect(title(hall).innerText()).resolves.toBe('您想办什么？');
    await hall.close();
  });

  test('hears each screen, each choice with its key, and hears it again with 0', async () => {
    const hall = await open('state=start&speak');
    const { page } = hall;
    const said = () => page.evaluate<string[]>('globalThis.said.splice(0)');
    expect(await said()).toEqual([
      '您想办什么？',
      expect.stringMatching(/^按 1，打印/),
      expect.stringMatching(/^按 2，开具/),
      '按 3，社会保险个人参保证明',
      '按 4，无房证明',
      expect.stringMatching(/^按 5，无犯罪记录证明/),
    ]);
    await page.keyboard.press('2');
    await title(hall).waitFor();
    expect((await said())[0]).toBe('请选择证明');
    await page.keyboard.press('0');
    expect((await said())[0]).toBe('请选择证明');
    await page.getByRole('button', { name: '关语音' }).click();
    await page.keyboard.press('0');
    expect(await said()).toEqual([]);
    await hall.close();
  });

  test('who does not answer is asked, and the screen is wiped; who touches it stays', async () => {
    const hall = await open('state=who');
    const { page } = hall;
    await page.clock.runFor(85_000);
    expect(await page.locator('dialog').count()).toBe(0);
    await page.clock.runFor(10_000);
    await page.locator('dialog').waitFor();
    await page.getByRole('button', { name: '我还在' }).click();
    await page.clock.runFor(2_000);
    expect(await page.locator('dialog').count()).toBe(0);
    await expect(title(hall).innerText()).resolves.toBe('请证明是您本人');
    await page.clock.runFor(121_000);
    await expect(title(hall).innerText()).resolves.toBe('您想办什么？');
    await hall.close();
  });

  test.each(['issuing', 'printing'])('is never wiped away while %s', async (state) => {
    const hall = await open(`state=${state}`);
    const before = await title(hall).innerText();
    await hall.page.clock.runFor(600_000);
    expect(await hall.page.locator('dialog').count()).toBe(0);
    expect(await title(hall).innerText()).toBe(before);
    expect(await hall.page.locator('[data-act="leave"]').isDisabled()).toBe(true);
    await hall.close();
  });
});
