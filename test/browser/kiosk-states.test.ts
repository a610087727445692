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
