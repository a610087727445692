import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { seedSigner, SignatureType } from '#libs/log';
import { builtPages } from '#libs/pages';
import type { PrintedProof } from '#libs/verify/printed-proof';
import { launchBrowser } from '../support/browser.js';
import { pdfWith } from '../support/pdf-with.js';
import { pngOf, printedPage, qrModules } from '../support/photographed-page.js';
import { authorities, day, factsOf, noon, printedProof } from '../support/printed-pages.js';
import { seed, witnesses } from '../support/small-log.js';
import { cameraArgs, filmQrCode } from './camera.js';
import { PaperCity } from './paper-city.js';
import { VerifyPage } from './verify-page.js';

let city: PaperCity;
let browser: Browser;

beforeAll(async () => {
  [browser, city] = await Promise.all([launchBrowser(), PaperCity.start()]);
}, 120_000);
afterAll(() => Promise.all([browser.close(), city.stop()]));
beforeEach(() => {
  city.now = noon + 60;
  city.lies.clear();
});

const fragmentOf = (text: string | undefined) => `#${String(text).split('#')[1]}`;
type Opening = NonNullable<Parameters<typeof VerifyPage.open>[2]>;
const openWith = (proof: PrintedProof = printedProof(), more: Opening = {}) =>
  VerifyPage.open(browser, city.url, {
    path: '/p',
    fragment: fragmentOf(city.codesOf(proof)[0]),
    ...more,
  });

const genuineThen = '出具时真实，现在是否有效还没查到';
/** A proof that has no room in one code: it brings witnesses that the policy does not name. */
const large = () =>
  printedProof(
    factsOf(authorities.fund, {
      compare: [
        { label: '缴存单位', value: '虚构示例有限公司虚构示例分公司' },
        { label: '缴存至', value: '2026-11' },
      ],
    }),
    {
      before: 4095,
      cosigners: [
        ...witnesses,
        ...[8, 9].map((n) => seedSigner(`other.example/${n}`, SignatureType.cosignature, seed(n))),
      ],
    },
  );

describe('a printed code that a camera opened', () => {
  test('is judged by what the device knows, and green for what was checked alone', async () => {
    const page = await openWith();
    await page.sees(genuineThen);
    expect(await page.green()).toEqual([
      expect.stringContaining('已核验'),
      expect.stringContaining('已核验'),
      expect.stringContaining('已核验'),
    ]);
    expect(await page.line('纸上文字')).toContain('请您核对');
    expect(await page.line('是否已撤销')).toContain('未核验');
    expect(await page.line('已存证与见证')).toContain('w0, w1');
    expect(await page.look('genuine-then')).toEqual([]);
    expect(page.complaints).toEqual([]);
    await page.close();
  });

  test('leaves address and history before anything is loaded, and reaches no server', async () => {
    const proof = printedProof();
    const [text = ''] = city.codesOf(proof);
    const digits = text.split('#')[1] ?? '';
    city.asked.length = 0;
    const page = await openWith(proof);
    await page.sees(genuineThen);
    expect(page.page.url()).toBe(`${city.url}/p`);
    await page.page.goto('about:blank');
    await page.page.goBack();
    await page.sees('扫码查验');
    expect(page.page.url()).toBe(`${city.url}/p`);
    for (const request of page.requests)
      expect(new URL(request).origin === city.url || request === 'about:blank').toBe(true);
    expect(city.asked.join()).not.toContain(digits.slice(0, 20));
    expect(page.complaints).toEqual([]);
    await page.close();
  });

  test('of a wide screen, in other colours and twice as large, is told as well', async () => {
    const wide = await openWith(undefined, { width: 1280 });
    await wide.sees(genuineThen);
    expect(await wide.look('genuine-then-1280')).toEqual([]);
    await wide.page.emulateMedia({ forcedColors: 'active' });
    expect(await wide.look('genuine-then-forced')).toEqual([]);
    await wide.page.emulateMedia({ forcedColors: 'none', contrast: 'more' });
    await wide.page.setViewportSize({ width: 320, height: 400 });
    expect(await wide.look('genuine-then-zoomed')).toEqual([]);
    await wide.close();
  });
});

describe('what is not genuine', () => {
  test.each<[string, () => PrintedProof, string, string]>([
    [
      'a stranger’s signature',
      () => printedProof(factsOf(), { signer: authorities.stranger }),
      '机关签名',
      '签名不对',
    ],
    [
      'a log that is not the city’s',
      () => printedProof(factsOf(), { logSigner: witnesses[0]! }),
      '已存证与见证',
      '没有为它签名',
    ],
    [
      'too few witnesses',
      () => printedProof(factsOf(), { cosigners: [witnesses[0]!] }),
      '已存证与见证',
      '见证的部门不够',
    ],
    [
      'another city',
      () => printedProof(factsOf(authorities.fund, { city: 'other.example' })),
      '出具的城市',
      '另一个城市',
    ],
    [
      'a trial',
      () => printedProof(factsOf(authorities.fund, { city: 'trial.city.example' })),
      '出具的城市',
      '试用系统',
    ],
  ])('is refused with its reason: %s', async (_, proof, line, why) => {
    const page = await openWith(proof());
    await page.sees('不是本区出具的证明');
    expect(await page.line(line)).toContain(why);
    expect(await page.line(line)).toContain('不符');
    expect(await page.page.locator('.result.green').count()).toBe(0);
    if (line === '机关签名') expect(await page.look('not-of-here')).toEqual([]);
    expect(page.complaints).toEqual([]);
    await page.close();
  });

  test('is refused where any digit was changed', async () => {
    const [text = ''] = city.codesOf(printedProof());
    const start = text.indexOf('#') + 1;
    const page = await openWith();
    await page.sees(genuineThen);
    for (let at = start; at < text.length; at += 61) {
      const digit = String((Number(text[at]) + 1) % 10);
      const changed = text.slice(0, at) + digit + text.slice(at + 1);
      await page.button('查下一份').click();
      await page.page.evaluate(`location.hash = '${fragmentOf(changed)}'`);
      await page.page.locator('.notice.amber, .result').first().waitFor();
      const title = await page.page.locator('.result h2').allInnerTexts();
      expect([[], ['不是本区出具的证明']]).toContainEqual(title);
      if (title.length === 0) {
        await page.page.evaluate(`location.hash = '${fragmentOf(text)}'`);
        await page.sees(genuineThen);
      }
    }
    expect(page.complaints).toEqual([]);
    await page.close();
  }, 120_000);

  test('says trial with every verdict in a trial’s city', async () => {
    const trial = await PaperCity.start('trial.city.example');
    const proof = printedProof(factsOf(authorities.fund, { city: 'trial.city.example' }));
    const page = await VerifyPage.open(browser, trial.url, {
      path: '/p',
      fragment: fragmentOf(trial.codesOf(proof)[0]),
    });
    await page.sees('试用系统的证明，没有法律效力');
    await page.sees(genuineThen);
    expect(await page.look('trial')).toEqual([]);
    await page.close();
    await trial.stop();
  });
});

describe('time', () => {
  test('a proof whose validity has ended is expired', async () => {
    city.now = noon + 181 * day;
    const page = await openWith(undefined, { now: city.now });
    await page.sees('已过期');
    expect(await page.line('有效期')).toContain('有效期已过');
    expect(await page.line('有效期')).not.toContain('不符');
    expect(await page.look('expired')).toEqual([]);
    await page.close();
  });

  test('a device whose clock is a year behind is told, and goes by the city’s', async () => {
    const page = await openWith(undefined, { now: noon - 365 * day });
    await page.sees(genuineThen);
    expect(await page.line('本机的时钟')).toContain('已按本市时间判断');
    expect(await page.line('有效期')).toContain('已核验');
    await page.close();
  });

  test('a device whose clock is a year ahead does not call a proof expired', async () => {
    const page = await openWith(undefined, { now: noon + 365 * day });
    await page.sees(genuineThen);
    expect(await page.line('本机的时钟')).toContain('需校正');
    await page.close();
  });
});

/** Run as the debugger does: the page's policy takes no text as script. */
const controlled = `new Promise((resolve) => {
  if (navigator.serviceWorker.controller !== null) resolve();
  else navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
})`;

describe('without network', () => {
  const installed = async (page: VerifyPage) => {
    // Registered for both addresses: each has its own.
    for (const scope of ['/verify', '/p'])
      await page.page.evaluate(`(async () => {
        for (;;) {
          const found = await navigator.serviceWorker.getRegistration('${scope}');
          if (found?.active?.state === 'activated') return;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      })()`);
  };

  test('page, keys and verdict are there, and a month-old checkpoint is said to be one', async () => {
    const page = await openWith(undefined, { worker: true });
    await page.sees(genuineThen);
    await installed(page);
    await page.page.evaluate(controlled);
    await page.context.setOffline(true);
    const month = noon + 31 * day;
    await page.page.clock.setFixedTime(month * 1000);
    for (const address of ['/verify', '/p']) {
      await page.page.goto(`${city.url}${address}${fragmentOf(city.codesOf(printedProof())[0])}`);
      await page.page.reload();
      await page.page.goto(`${city.url}${address}${fragmentOf(city.codesOf(printedProof())[0])}`);
      await page.sees(genuineThen);
      await page.sees('没有联网，或本市没有应答');
      await page.sees('2026年11月30日');
    }
    // What was printed after the keys were taken is not judged by them.
    const later = printedProof(
      factsOf(authorities.fund, { issued: month - day, checkAgain: month, expires: null }),
      { ledgerSize: 2500, time: month - day },
    );
    await page.page.evaluate(`location.hash = '${fragmentOf(city.codesOf(later)[0])}'`);
    await page.sees('本机的机关公钥比这份证明旧');
    expect(await page.line('机关签名')).toContain('未核验');
    expect(await page.look('older-keys')).toEqual([]);
    expect(page.complaints).toEqual([]);
    await page.close();
  }, 60_000);

  test('a device that was never online says that nothing can be said', async () => {
    for (const path of ['/log/policy', '/log/authority-keys', '/log/checkpoint'])
      city.lies.set(path, '');
    const page = await openWith();
    await page.sees('现在还不能判断');
    expect(await page.green()).toEqual([]);
    expect(await page.look('undecided')).toEqual([]);
    await page.close();
  });

  test('keys of another log do not take the place of those that are known', async () => {
    const page = await openWith();
    await page.sees(genuineThen);
    const other = await PaperCity.start('other.example');
    for (const path of ['/log/policy', '/log/authority-keys', '/log/checkpoint'])
      city.lies.set(path, await (await fetch(other.url + path)).text());
    await other.stop();
    await page.button('联网再查').click();
    await page.sees('不属于本机认识的日志');
    await page.sees(genuineThen);
    await page.close();
  });
});

describe('the phone’s page beside it', () => {
  test('loads its own parts though the worker of /p answers for its address', async () => {
    city.now = noon + 120;
    const page = await openWith(undefined, { worker: true });
    await page.sees(genuineThen);
    await page.page.evaluate(controlled);
    // Of another release than the worker knows: its own page would not get this file.
    const phone = await readFile(join(builtPages, 'phone', 'index.html'), 'utf8');
    const script = /"(\/assets\/phone-[^"]+\.js)"/.exec(phone)?.[1] ?? '';
    city.lies.set(script, `${await readFile(join(builtPages, script), 'utf8')}\n`);
    await page.page.goto(`${city.url}/phone`);
    await page.sees('登记这部手机');
    expect(await page.page.getByText('刚刚被替换').count()).toBe(0);
    await page.close();
  });
});

describe('two codes', () => {
  test('the first asks for the second, in any order', async () => {
    const texts = city.codesOf(large());
    expect(texts).toHaveLength(2);
    for (const [first, second] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const page = await VerifyPage.open(browser, city.url, {
        path: '/p',
        fragment: fragmentOf(texts[first]),
      });
      await page.sees(`已读到第 ${first + 1} 个码`);
      if (first === 0) expect(await page.look('half')).toEqual([]);
      await page.page.evaluate(`location.hash = '${fragmentOf(texts[second])}'`);
      await page.sees(genuineThen);
      await page.close();
    }
  });

  test('of two pages are not one proof', async () => {
    const [first] = city.codesOf(large());
    const page = await VerifyPage.open(browser, city.url, {
      path: '/p',
      fragment: fragmentOf(first),
    });
    await page.sees('已读到第 1 个码');
    await page.page.evaluate(`location.hash = '${fragmentOf(city.codesOf(printedProof())[0])}'`);
    await page.sees(genuineThen);
    await page.close();
  });

  test('on one picture, and on two', async () => {
    const texts = city.codesOf(large());
    const codes = await Promise.all(texts.map((text) => qrModules(text)));
    const page = await VerifyPage.open(browser, city.url);
    const picture = (name: string, of: typeof codes) => ({ name, buffer: pngOf(printedPage(of)) });
    await page.upload(picture('both.png', codes));
    await page.sees(genuineThen);
    await page.button('查下一份').click();
    await page.upload(...codes.map((code, n) => picture(`${n}.png`, [code])));
    await page.sees(genuineThen);
    expect(page.complaints).toEqual([]);
    await page.close();
  }, 120_000);
});

describe('a file', () => {
  const pdf = (content: string) => ({
    name: 'proof.pdf',
    buffer: pdfWith([{ content: Buffer.from(content) }]),
  });

  test('that is a PDF gives the proof that it carries', async () => {
    const page = await VerifyPage.open(browser, city.url);
    await page.upload(pdf(`${city.codesOf(large()).join('\n')}\n`));
    await page.sees(genuineThen);
    expect(page.complaints).toEqual([]);
    await page.close();
  });

  test('that carries none, or a changed one, or is none is told', async () => {
    const page = await VerifyPage.open(browser, city.url);
    await page.sees('扫码查验');
    expect(await page.look('entry')).toEqual([]);
    await page.page.setViewportSize({ width: 1280, height: 900 });
    expect(await page.look('entry-1280')).toEqual([]);
    await page.upload({ name: 'printed-again.pdf', buffer: pdfWith([]) });
    await page.sees('这个 PDF 里没有附带证明');
    const changed = pdf(city.codesOf(printedProof()).join('\n'));
    const at = changed.buffer.lastIndexOf('endstream') - 5;
    changed.buffer[at] = (changed.buffer[at] ?? 0) ^ 1;
    await page.upload(changed);
    await page.sees('不完整或被改过');
    await page.upload({ name: 'text.png', buffer: Buffer.from('no picture') });
    await page.sees('打不开这个文件');
    await page.upload({ name: 'blank.png', buffer: pngOf(printedPage([])) });
    await page.sees('照片里没有读到二维码');
    await page.upload({
      name: 'other.png',
      buffer: pngOf(printedPage([await qrModules('https://other.example/menu')])),
    });
    await page.sees('不是证明上的码');
    expect(await page.look('other-code')).toEqual([]);
    expect(page.complaints).toEqual([]);
    await page.close();
  }, 120_000);
});

test('a camera sees the code', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mianzheng-camera-'));
  const film = join(folder, 'camera.y4m');
  await filmQrCode(film, city.codesOf(printedProof())[0] ?? '');
  const withCamera = await launchBrowser({ args: cameraArgs(film) });
  const page = await VerifyPage.open(withCamera, city.url);
  await page.button('扫码查验').click();
  await page.sees(genuineThen);
  expect(page.complaints).toEqual([]);
  await page.close();
  await withCamera.close();
  await rm(folder, { recursive: true });
}, 60_000);

describe('the page in one file', () => {
  test('judges with keys of a file, and asks no network', async () => {
    const online = await VerifyPage.open(browser, city.url);
    await online.sees('当时日志有');
    const [saved] = await Promise.all([
      online.page.waitForEvent('download'),
      online.button('保存密钥文件').click(),
    ]);
    const keys = await readFile(await saved.path());
    const [file] = await Promise.all([
      online.page.waitForEvent('download'),
      online.page.getByRole('link', { name: '下载单文件查验页' }).click(),
    ]);
    const local = join(builtPages, 'verify-offline.html');
    expect(await readFile(await file.path(), 'utf8')).toBe(await readFile(local, 'utf8'));
    await online.close();

    const page = await VerifyPage.open(browser, pathToFileURL(local).href, { path: '' });
    await page.sees('请先载入本市的密钥文件');
    await page.page.locator('footer input[type=file]').setInputFiles({
      name: 'keys.json',
      mimeType: 'application/json',
      buffer: keys,
    });
    await page.sees('当时日志有');
    await page.upload({
      name: 'photo.png',
      buffer: pngOf(printedPage([await qrModules(city.codesOf(printedProof())[0] ?? '')])),
    });
    await page.sees(genuineThen);
    expect(page.requests).toEqual([pathToFileURL(local).href]);
    expect(page.complaints).toEqual([]);
    await page.close();
  }, 120_000);
});
