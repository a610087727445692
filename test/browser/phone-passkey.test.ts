import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, CDPSession } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';
import { done, Town } from '../support/town.js';
import { Clerk } from './clerk.js';
import type { PhonePage } from './phone-page.js';

let town: Town;
let browser: Browser;
let clerk: Clerk;
let phone: PhonePage;
let devtools: CDPSession;
let authenticatorId: string;

beforeAll(async () => {
  [browser, town] = await Promise.all([launchBrowser(), Town.start()]);
  clerk = new Clerk(town);
  await town.idCard(clerk.number);
  phone = await clerk.enrolledPhone(browser);
  devtools = await phone.context.newCDPSession(phone.page);
  await devtools.send('WebAuthn.enable');
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

/** The phone's own authenticator; `isUserVerified`: whether its owner confirms. */
async function withAuthenticator(isUserVerified = true): Promise<void> {
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified,
    automaticPresenceSimulation: true,
  } as const;
  ({ authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options }));
}

const toPhones = async () => {
  await phone.button('我的证照').click();
  await phone.button('已登记的手机与挂失').click();
  await phone.sees('这部手机');
};
const back = () => phone.button('返回').click();

async function asked() {
  await phone.button('待办').click();
  const request = await clerk.asks();
  await phone
    .button(/请您同意使用/)
    .first()
    .click();
  await phone.page.getByLabel('请输入窗口屏幕上的两位数').fill(request.digits);
  return request;
}

test('a phone without fingerprint, face or screen lock says so, and works all the same', async () => {
  await toPhones();
  await phone.sees('没有设好指纹、面容或屏幕锁');
  expect(await phone.look('passkey-none-here')).toEqual([]);
  await back();
});

test('a passkey is offered beside the phone’s key, and added', async () => {
  await withAuthenticator();
  await toPhones();
  await phone.sees('同意时用指纹、面容或屏幕锁确认');
  expect(await phone.look('passkey-offer')).toEqual([]);
  await phone.button('添加通行密钥').click();
  await phone.sees('已添加，以后同意时用它确认');
  expect(await phone.look('passkey-added')).toEqual([]);
  await back();
});

test('a yes is confirmed by it, and the page proves that it was this phone’s', async () => {
  const request = await asked();
  await phone.sees('请用指纹、面容或屏幕锁确认');
  expect(await phone.look('passkey-ready')).toEqual([]);
  await phone.button('同意').click();
  await phone.sees('已同意，等待窗口取走');
  done(await town.pull(await town.token(request.at)));
  await phone.sees(/已取走 1 份/);
  await back();
  await phone.button('谁用过').click();
  await phone.button(/窗口取走/).click();
  await phone.button('查验这些记录').click();
  await phone.sees('同意由这部手机签署');
});

test('a passkey that is not confirmed says so, and the phone’s key does instead', async () => {
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  const request = await asked();
  await phone.button('同意').click();
  await phone.sees('通行密钥没有确认');
  expect(await clerk.stateOf(request)).toBe('waiting');
  expect(await phone.look('passkey-refused')).toEqual([]);
  await phone.button('不用通行密钥，直接同意').click();
  await phone.sees('已同意，等待窗口取走');
  expect(await clerk.stateOf(request)).toBe('granted');
  await back();
});

test('a passkey that is gone from the phone does no harm', async () => {
  await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  await withAuthenticator();
  const request = await asked();
  await phone.button('同意').click();
  await phone.sees('通行密钥没有确认');
  await phone.button('不用通行密钥，直接同意').click();
  await phone.sees('已同意，等待窗口取走');
  expect(await clerk.stateOf(request)).toBe('granted');
  await back();
});

test('it is taken back, and the next yes is the phone’s own', async () => {
  await toPhones();
  await phone.button('收回通行密钥').click();
  expect(await phone.look('passkey-taking-back')).toEqual([]);
  await phone.button('确认收回').click();
  await phone.button('添加通行密钥').waitFor();
  await back();
  await asked();
  await phone.button('同意').click();
  await phone.sees('已同意，等待窗口取走');
});

test('nothing of it stays in the page’s storage, and no rule of the browser was broken', async () => {
  const kept = await phone.page.evaluate(
    '({ local: { ...localStorage }, session: { ...sessionStorage } })',
  );
  expect(kept).toEqual({ local: { language: 'zh' }, session: {} });
  // Chromium misses RS256, which a page's verifier does not have (ADR 36).
  const advice = /pubKeyCredParams is missing/;
  expect(phone.complaints.filter((one) => !advice.test(one))).toEqual([]);
});
