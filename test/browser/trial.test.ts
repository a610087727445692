import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { freePort } from '../support/ports.js';
import { freshDatabase, type TestDatabase } from '../support/postgres.js';
import { endProgram } from '../support/programs.js';
import { TrialHall, type TrialLinks } from '../support/trial-hall.js';
import { HallPage, launchBrowser } from './hall.js';
import { PhonePage } from './phone-page.js';

let database: TestDatabase;
let dataDir: string;
let browser: Browser;
let hall: TrialHall;
let links: TrialLinks;

beforeAll(async () => {
  database = await freshDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-try-'));
  browser = await launchBrowser();
  hall = TrialHall.start(['city', '--try'], {
    PORT: String(await freePort()),
    METRICS_PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
  });
  links = await hall.links();
}, 180_000);
afterAll(async () => {
  await browser.close();
  await endProgram(hall.child);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('npm start -- --try', () => {
  test('opens a window and a phone by their links, in which the main job is done by hand', async () => {
    const window = await HallPage.open(browser);
    const { page } = window;
    await page.goto(links.window);
    await hall.says(/示例人社窗口 已登记/);
    const url = new URL(links.phone);
    const phone = await PhonePage.open(browser, url.origin, { fragment: url.hash });
    await phone.button('登记').click();
    await hall.says(/示例甲子 的手机已登记/);
    await phone.sees('没有待办的授权请求');

    await page.getByText('按 F2 开始新办件').waitFor();
    await page.getByText('1/1 见证').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('灵活就业人员参保');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('持证人', { exact: true }).first().waitFor();
    await page.keyboard.type(links.number);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '请求同意' }).waitFor();
    await page.keyboard.press('F4');
    await page.locator('.number').waitFor();
    const number = await page.locator('.number').innerText();
    await phone
      .button(/请您同意使用 2 份证照/)
      .first()
      .click();
    expect(await phone.look('trial-request')).toEqual([]);
    await phone.page.getByLabel('请输入窗口屏幕上的两位数').fill(number);
    await phone.button('同意').click();

    await page.getByText('示例甲子').first().waitFor();
    await page.getByText('颁发机构签名已核验').first().waitFor();
    expect(await window.look('trial-released')).toEqual([]);
    expect([window.complaints, phone.complaints]).toEqual([[], []]);
  });

  test('ends with its city', async () => {
    hall.child.kill('SIGINT');
    expect(await once(hall.child, 'exit')).toEqual([0, null]);
  });
});
