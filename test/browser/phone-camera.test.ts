import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { consentQrText } from '#libs/api-client';
import { launchBrowser } from '../support/browser.js';
import { Town } from '../support/town.js';
import { cameraArgs, filmQrCode } from './camera.js';
import { Clerk } from './clerk.js';
import { PhonePage } from './phone-page.js';

let town: Town;
let browser: Browser;
let folder: string;
let film: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-camera-'));
  film = join(folder, 'camera.y4m');
  await filmQrCode(film, 'nothing of a window');
  [browser, town] = await Promise.all([launchBrowser({ args: cameraArgs(film) }), Town.start()]);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
  await rm(folder, { recursive: true });
});

test('a phone is enrolled, and answers without digits, by what its camera sees', async () => {
  const clerk = new Clerk(town);
  const phone = await PhonePage.open(browser, town.url);
  await phone.button('扫窗口的登记码').click();
  await phone.sees('这个二维码不是登记码');
  await phone.button('不扫了').click();

  const { enrolment, code, subject } = await clerk.opens();
  await filmQrCode(film, `${town.url}/phone#code=${code}`);
  await phone.button('扫窗口的登记码').click();
  await phone.sees('已收到窗口的登记码');
  await phone.button('登记').click();
  await phone.sees('请工作人员确认');
  await clerk.confirms(enrolment, subject);
  await phone.sees('没有待办的授权请求');

  const { consent, digits, at } = await clerk.asks();
  await filmQrCode(film, consentQrText(`${town.url}/phone`, { consent, number: digits }));
  await phone.button('扫窗口屏幕上的码').click();
  await phone.sees('已扫窗口屏幕上的码');
  expect(await phone.look('scanned')).toEqual([]);
  await phone.button('同意').click();
  await phone.sees('已同意，等待窗口取走');
  await phone.button('返回').click();

  const other = await clerk.asks();
  await phone
    .button(/请您同意使用/)
    .first()
    .click();
  await phone.sees('只用来办理');
  await phone.button('改为扫窗口屏幕上的码').click();
  await phone.sees('这是另一个请求的二维码');
  expect(await phone.button('同意').isDisabled()).toBe(true);
  expect(await phone.look('scanned-another')).toEqual([]);
  expect(await clerk.stateOf({ consent, digits, at })).toBe('granted');
  expect(await clerk.stateOf(other)).toBe('waiting');
  expect(phone.complaints).toEqual([]);
  await phone.close();
});

test('a phone whose browser reads QR codes loads no reader of ours, until that one fails', async () => {
  const phone = await PhonePage.open(browser, town.url, {
    script: () => {
      Object.assign(globalThis, {
        BarcodeDetector: class {
          static getSupportedFormats(): Promise<readonly string[]> {
            return Promise.resolve(['aztec', 'qr_code']);
          }
          detect = () =>
            'serviceAway' in globalThis
              ? Promise.reject(new TypeError('service away'))
              : Promise.resolve([{ rawValue: 'nothing of a window' }]);
        },
      });
    },
  });
  let ours = 0;
  phone.page.on('request', (request) => {
    if (request.url().includes('/assets/decode-')) ours += 1;
  });
  await filmQrCode(film, `${town.url}/phone#code=${'A'.repeat(22)}`);
  await phone.button('扫窗口的登记码').click();
  await phone.sees('这个二维码不是登记码');
  expect(ours).toBe(0);
  await phone.page.evaluate('globalThis.serviceAway = true');
  await phone.sees('已收到窗口的登记码');
  expect(ours).toBe(1);
  expect(phone.complaints).toEqual([]);
  await phone.close();
});
