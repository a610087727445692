import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Locator } from 'playwright-core';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { Clerk } from '../browser/clerk.js';
import { ClerkAtWindow } from '../browser/window-clerk.js';
import { CityProcess } from '../fault/city-process.js';
import { launchBrowser } from '../support/browser.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { Town } from '../support/town.js';
import { firstViews, weightOf } from './first-view.js';

/**
 * `npm run measure:hall` prints what the pages weigh and how long a first view takes on a slow
 * phone; then, of cases by hand between a window's page and a phone's, with one witness, how long a
 * request takes to the phone and the data to the window after the yes.
 */

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '40' },
    views: { type: 'string', default: '5' },
  },
});
const cases = Number(values.cases);
/** What a visit in Chinese does not load from a browser that has Ed25519, and a phone's worker. */
const apart = /^(_virtual_problems-en-|portable-|phone-worker)/;
const apartIs = 'texts of the other language; on a phone its worker, and Ed25519 where it has none';
const goalMs = 1000;
const firstViewGoalMs = 1500;
const say = (line: string) => process.stdout.write(`${line}\n`);

const quantile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.ceil(times.length * share) - 1] ?? NaN;

function tell(what: string, times: readonly number[]): void {
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  const met = p95 <= goalMs ? 'met' : 'missed';
  say(
    `${what}: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (goal: p95 ≤ ${goalMs} ms, ${met})`,
  );
}

/** Milliseconds from a deed until it is seen. */
async function timed(deed: () => Promise<void>, seen: Locator): Promise<number> {
  const from = performance.now();
  await deed();
  await seen.waitFor();
  return performance.now() - from;
}

const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-hall-speed-'));
const city = await CityProcess.start(dataDir, { CATALOGUE_DIR: 'test/golden/catalogue' });
const browser = await launchBrowser();
try {
  const key = new TestKey(
    JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8')),
  );
  const views = { runs: Number(values.views) };
  const onPhone = { ...views, viewport: { width: 390, height: 844 }, hasTouch: true };
  const kB = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
  for (const [page, text, options, goals] of [
    ['phone', '登记这部手机', onPhone, { view: firstViewGoalMs, weight: 90 }],
    ['window', '登记码', views, { view: null, weight: 350 }],
  ] as const) {
    const { first, all, apart: kept } = await weightOf(city.baseUrl, page, apart);
    const median = quantile(
      await firstViews(browser, `${city.baseUrl}/${page}`, text, options),
      0.5,
    );
    const met = (isMet: boolean) => (isMet ? 'met' : 'missed');
    say(
      `${page}: ${kB(first)} gzip at first, ${kB(all)} in all without fonts (goal: ≤ ${goals.weight} KB in all, ${met(all <= goals.weight * 1024)}); apart ${kB(kept)}: ${apartIs}`,
    );
    say(
      `${page}: first view ${median.toFixed(0)} ms, median of ${views.runs}, at 1.6 Mbit/s, 150 ms and a 4× slower processor${
        goals.view === null ? '' : ` (goal: ≤ ${goals.view} ms, ${met(median <= goals.view)})`
      }`,
    );
  }

  const town = await Town.around({
    baseUrl: city.baseUrl,
    admin: new TestClient(city.baseUrl, firstAdministrator, key, ['clients:manage']),
    dataDir,
    caughtUp: () => Promise.resolve(),
    stop: () => city.stop(),
  });
  const atDesk = new Clerk(town);
  await town.idCard(atDesk.number);
  const clerk = await ClerkAtWindow.arrive(town, browser);
  await clerk.enrol();
  const phone = await atDesk.enrolledPhone(browser);
  const [toPhone, toWindow]: [number[], number[]] = [[], []];
  for (let n = 0; n < cases; n++) {
    await clerk.choose('SX0001');
    await clerk.types(atDesk.number);
    await clerk.button('请求同意').waitFor();
    const waiting = phone.button(/请您同意使用/).first();
    toPhone.push(await timed(() => clerk.press('F4'), waiting));
    const digits = await clerk.page.locator('.number').innerText();
    await waiting.click();
    await phone.page.getByLabel('请输入窗口屏幕上的两位数').fill(digits);
    const verified = clerk.page.getByText('颁发机构签名已核验').first();
    toWindow.push(await timed(() => phone.button('同意').click(), verified));
    await clerk.closes();
    await phone.button('返回').click();
    await phone.sees('没有待办的授权请求');
  }
  say(`${cases} cases, one witness, window and phone on one machine with the city`);
  tell('request to phone', toPhone);
  tell('yes to data on the window', toWindow);
} finally {
  await browser.close();
  await city.stop();
  await rm(dataDir, { recursive: true });
}
