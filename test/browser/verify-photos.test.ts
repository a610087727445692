import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { seedSigner, SignatureType } from '#libs/log';
import { codeBits, maxCodeBits, printedCodes } from '#libs/verify/printed-proof';
import { launchBrowser } from '../support/browser.js';
import {
  fortyPhotographs,
  photographed,
  type Picture,
  pngOf,
  printedPage,
  qrModules,
} from '../support/photographed-page.js';
import { authorities, factsOf, printedProof } from '../support/printed-pages.js';
import { seed, witnesses } from '../support/small-log.js';
import { PaperCity } from './paper-city.js';
import { VerifyPage } from './verify-page.js';

let city: PaperCity;
let browser: Browser;
beforeAll(async () => {
  [browser, city] = await Promise.all([launchBrowser(), PaperCity.start()]);
}, 120_000);
afterAll(() => Promise.all([browser.close(), city.stop()]));

/** A proof whose code is as large as a printed one is at most. */
const proof = printedProof(
  factsOf(authorities.fund, {
    compare: [
      { label: '缴存单位', value: '虚构示例有限公司虚构示例分公司' },
      { label: '缴存至', value: '2026-11' },
    ],
  }),
  {
    before: 4095,
    cosigners: [...witnesses, seedSigner('other.example/8', SignatureType.cosignature, seed(8))],
  },
);

/** As a phone stores it: JPEG of 80 %, made by the browser itself. */
async function jpegOf(picture: Picture): Promise<Buffer> {
  const { width, height } = picture;
  const page = await browser.newPage({ viewport: { width, height } });
  const png = pngOf(picture).toString('base64');
  await page.setContent(
    `<style>body{margin:0}img{display:block}</style><img src="data:image/png;base64,${png}">`,
  );
  const jpeg = await page.screenshot({ type: 'jpeg', quality: 80 });
  await page.close();
  return jpeg;
}

test('of forty photographs of a printed page the page reads at least thirty-eight', async () => {
  const [code, ...more] = printedCodes(proof, 'https://ledger.city.example/p#');
  if (code === undefined || more.length > 0) throw new TypeError('one code');
  const bits = codeBits(code);
  expect(bits).toBeGreaterThan(maxCodeBits * 0.95);
  const modules = await qrModules(code.address + code.digits);
  const paper = printedPage([modules]);
  const page = await VerifyPage.open(browser, city.url);
  const unread: string[] = [];
  for (const [n, how] of fortyPhotographs.entries()) {
    const picture = photographed(paper, how);
    await page.upload(
      n % 2 === 0
        ? { name: `${how.name}.png`, buffer: pngOf(picture) }
        : { name: `${how.name}.jpg`, buffer: await jpegOf(picture) },
    );
    await page.page.locator('.result, .notice.amber').first().waitFor();
    if ((await page.page.locator('.result').count()) === 0) unread.push(JSON.stringify(how));
    else await page.button('查下一份').click();
  }
  process.stdout.write(
    `${bits} bits, ${modules.width} modules: ${40 - unread.length} of 40 read\n${unread.join('\n')}\n`,
  );
  expect(unread.length).toBeLessThanOrEqual(2);
  expect(page.complaints).toEqual([]);
  await page.close();
}, 900_000);
