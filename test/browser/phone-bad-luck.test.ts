/* eslint-disable @typescript-eslint/no-unsafe-call -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { SystemClock } from '#libs/kernel';
import { builtPages } from '#libs/pages';
import { openLog } from '#libs/platform';
import { PagesPublication } from '../../libs/composition/published-pages.js';
import { PublishedPages } from '../../libs/pages/published-pages.js';
import { launchBrowser } from '../support/browser.js';
import { TestPhone } from '../support/client.js';
import { done, holderName, Town } from '../support/town.js';
import { Clerk } from './clerk.js';
import { type PhonePage } from './phone-page.js';

let town: Town;
let browser: Browser;

beforeAll(async () => {
  [browser, town] = await Promise.all([launchBrowser(), Town.start()]);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

/** Until the worker answers for the page. */
const controlled = (phone: PhonePage): Promise<void> =>
  phone.page.evaluate(
    `navigator.serviceWorker.ready.then(() => new Promise((then) => {
      if (navigator.serviceWorker.controller !== null) then();
      else navigator.serviceWorker.addEventListener('controllerchange', () => then());
    }))`,
  );

const toRequest = async (phone: PhonePage): Promise<void> => {
  await phone
    .button(/请您同意使用/)
    .first()
    .click();
  await phone.sees('只用来办理');
};
const numberField = (phone: PhonePage) => phone.page.getByLabel('请输入窗口屏幕上的两位数');

describe('an enrolled phone', () => {
  test('sends one answer for two presses, and the same again where the reply was lost', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const request = await clerk.asks();
    await toRequest(phone);
    const sent: [string | undefined, string | null][] = [];
    await phone.page.route(`**/${request.consent}`, (route) => route.abort());
    await phone.page.route('**/grant', async (route) => {
      sent.push([route.request().headers()['idempotency-key'], route.request().postData()]);
      const response = await route.fetch();
      if (sent.length === 1) return route.abort();
      await phone.page.unroute(`**/${request.consent}`);
      return route.fulfill({ response });
    });
    await numberField(phone).fill(request.digits);
    await phone.button('同意').dblclick();
    await phone.sees('您的答复还没有送出');
    expect(sent).toHaveLength(1);
    expect(await clerk.stateOf(request)).toBe('granted');
    await phone.button('同意').click();
    await phone.sees('已同意，等待窗口取走');
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    expect(await clerk.stateOf(request)).toBe('granted');
    await phone.close();
  });

  test('closes a request by its own back button, and keeps nothing of it in history', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const { consent } = await clerk.asks();
    await toRequest(phone);
    expect(
      await phone.page.evaluate('JSON.stringify(history.state) + location.href'),
    ).not.toContain(consent);
    await phone.page.goBack();
    await phone.page.getByRole('heading', { name: '待办' }).waitFor();
    await phone.close();
  });

  test('shows a request that was taken back while the page was asleep', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const { at } = await clerk.asks();
    await toRequest(phone);
    const devtools = await phone.context.newCDPSession(phone.page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    done(await town.terminal.post(`${at}/withdraw`));
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await phone.sees('窗口已撤回');
    await phone.close();
  });

  test('says in each part that there is no network, and fills it once it is back', async () => {
    const clerk = new Clerk(town);
    await town.idCard(clerk.number);
    const phone = await clerk.enrolledPhone(browser);
    await phone.context.setOffline(true);
    for (const [part, name] of [
      ['办事', 'matters'],
      ['我的证照', 'certificates'],
      ['谁用过', 'accesses'],
      ['出示码', 'code'],
      ['待办', 'to-do'],
    ] as const) {
      await phone.button(part).click();
      await phone.page.getByRole('heading', { name: part, level: 1 }).waitFor();
      await phone.sees('没有网络');
      // Once: the part's own failure is the same thing.
      await phone.text('没有网络，或暂时').waitFor({ state: 'detached' });
      expect(await phone.look(`offline-${name}`)).toEqual([]);
      expect([part, await phone.text('没有网络').count()]).toEqual([part, 1]);
    }
    await phone.button('我的证照').click();
    await phone.context.setOffline(false);
    await phone.button(/居民身份证/).waitFor();
    await phone.close();
  });

  test('is read with the system’s own colours, and with more contrast', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    for (const [kind, media] of [
      ['forced', { forcedColors: 'active', colorScheme: 'dark' }],
      ['contrast', { contrast: 'more' }],
    ] as const) {
      await phone.page.emulateMedia(media);
      const request = await clerk.asks();
      await toRequest(phone);
      await numberField(phone).fill(request.digits);
      expect(await phone.look(`request-${kind}`)).toEqual([]);
      await phone.button('同意').click();
      await phone.sees('已同意，等待窗口取走');
      expect(await phone.look(`granted-${kind}`)).toEqual([]);
      await phone.button('返回').click();
      await phone.button('谁用过').click();
      await phone.sees('灵活就业人员参保登记');
      expect(await phone.look(`accesses-${kind}`)).toEqual([]);
      await phone.button('待办').click();
      await phone.page.emulateMedia({ forcedColors: 'none', contrast: null, colorScheme: 'light' });
    }
    await phone.close();
  });

  test('says that a request was meant for somebody else', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    await phone.page.evaluate(`location.hash = 'consent=${'A'.repeat(22)}&number=12'`);
    await phone.sees('没有找到这个请求');
    expect(await phone.look('absent')).toEqual([]);
    await phone.close();
  });

  test('tells a request that the window no longer needs', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const { at } = await clerk.asks();
    await toRequest(phone);
    const atCase = at.split('/')[3] ?? '';
    done(
      await town.terminal.post(`/v1/cases/${atCase}/materials/ZZ001/bring`, {
        reason: 'holder_prefers_paper',
      }),
    );
    await phone.sees('材料已改用纸质提交');
    expect(await phone.look('ended')).toEqual([]);
    await phone.close();
  });

  test('signs nothing where the text is not the one whose hash the city names', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const request = await clerk.asks();
    let sent = 0;
    await phone.page.route('**/v1/phone/consents/*', async (route) => {
      const response = await route.fetch();
      const json = (await response.json()) as { notice: { zh: string } };
      json.notice.zh = json.notice.zh.replace('姓名', '住址');
      await route.fulfill({ response, json });
    });
    await phone.page.route('**/grant', async (route) => {
      sent += 1;
      await route.abort();
    });
    await toRequest(phone);
    // The parts are not those that are asked: the whole text lies open.
    await phone.sees('中的住址');
    await numberField(phone).fill(request.digits);
    await phone.button('同意').click();
    await phone.sees('没有签署');
    expect(await phone.look('text-differs')).toEqual([]);
    expect(sent).toBe(0);
    await phone.close();
  });

  test('open in two tabs, shows in each what the other did, and a new key outlives an old tab', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const second = await phone.context.newPage();
    await second.goto(`${town.url}/phone`);
    const request = await clerk.asks();
    await second.getByRole('button', { name: /请您同意使用/ }).click();
    await second.getByText('只用来办理').waitFor();
    await toRequest(phone);
    await numberField(phone).fill(request.digits);
    await phone.button('同意').click();
    await phone.sees('已同意，等待窗口取走');
    await second.getByText('已同意，等待窗口取走').waitFor();
    await phone.button('返回').click();

    await second.route('**/v1/**', (route) => route.abort());
    await phone.button('我的证照').click();
    await phone.button('已登记的手机与挂失').click();
    await phone.button('收回这把密钥').click();
    await phone.button('确认收回').click();
    await phone.sees('这部手机已停用');
    const { enrolment, code, subject } = await clerk.opens();
    await phone.page.goto('about:blank');
    await phone.page.goto(`${town.url}/phone#code=${code}`);
    await phone.button('登记').click();
    await phone.sees('请工作人员确认');
    await clerk.confirms(enrolment, subject);
    await phone.sees('没有待办的授权请求');
    await second.unroute('**/v1/**');
    await second.getByText('这部手机已停用').waitFor();
    await phone.page.reload();
    await phone.sees('没有待办的授权请求');
    await phone.close();
  });

  test('takes back the key of another phone, and stops when its own is taken back', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    const lost = new TestPhone(town.url);
    await town.enrol(clerk.number, lost);
    await phone.button('我的证照').click();
    await phone.button('已登记的手机与挂失').click();
    await phone.sees('另一部手机');
    const other = phone.page.getByRole('listitem').filter({ hasText: '另一部手机' });
    await other.getByRole('button', { name: '收回这把密钥' }).click();
    expect(await phone.look('lost-phone')).toEqual([]);
    await phone.button('确认收回').click();
    await phone.sees('已收回');
    expect(await phone.look('lost-phone-stopped')).toEqual([]);
    expect((await lost.get('/v1/phone/keys')).body).toMatchObject({ code: 'phone_unknown' });
    const next = new TestPhone(town.url);
    await town.enrol(clerk.number, next);
    const { keys } = done(await next.get('/v1/phone/keys'));
    const [own] = keys.filter(
      ({ jkt, state }: { jkt: string; state: string }) =>
        state === 'active' && jkt !== next.key.jkt,
    );
    await phone.button('返回').click();
    await phone.button('待办').click();
    done(await next.post(`/v1/phone/keys/${own.jkt}/revoke`, { reason: 'lost' }));
    await phone.sees('这部手机已停用');
    await phone.close();
  });

  test('does not believe a list with a record left out, nor a record that was changed', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    for (const answer of ['first', 'second']) {
      await clerk.asks();
      await toRequest(phone);
      await phone.button('不同意').click();
      await phone.sees('您没有同意');
      await phone.button('返回').click();
      if (answer === 'first') await phone.sees('没有待办的授权请求');
    }
    type List = { accesses: { kind: string; hash: string }[] };
    const lying = async (lie: (list: List) => void) => {
      await phone.page.route('**/v1/phone/accesses', async (route) => {
        const response = await route.fetch();
        const json = (await response.json()) as List;
        lie(json);
        await route.fulfill({ response, json });
      });
      await phone.button('谁用过').click();
      await phone.button('重新读取').click();
      await phone.sees('灵活就业人员参保登记');
      await phone.button('查验这份清单是否完整').click();
      await phone.sees('清单没有通过查验');
      await phone.sees('list_differs_from_book');
    };
    await lying(({ accesses }) => accesses.splice(1, 2));
    expect(await phone.look('list-refused')).toEqual([]);
    await phone.page.unroute('**/v1/phone/accesses');
    await phone.button('待办').click();
    await lying(({ accesses }) => {
      for (const access of accesses)
        access.hash = access.hash.replace(/^./, '0').replace(/.$/, '1');
    });
    await phone
      .button(/您不同意/)
      .first()
      .click();
    await phone.button('查验这些记录').click();
    await phone.sees('记录内容与清单不一致');
    expect(await phone.look('record-refused')).toEqual([]);
    await phone.page.unroute('**/v1/phone/accesses');
    // The log's own words changed on the way.
    await phone.page.route('**/v1/phone/book', async (route) => {
      const response = await route.fetch();
      const json = (await response.json()) as { receipts: string[]; head: string };
      json.receipts = json.receipts.map((receipt) => receipt.replace(/^index \d+/m, 'index 0'));
      await route.fulfill({ response, json });
    });
    await phone.button('查验这些记录').click();
    await phone.sees('没有通过日志查验');
    await phone.page.unroute('**/v1/phone/book');
    // A signature of the log's, by the browser's own Ed25519, then by ours where it has none.
    let ours = 0;
    phone.page.on('request', (request) => {
      if (request.url().includes('/assets/portable-')) ours += 1;
    });
    for (const without of [false, true]) {
      if (without)
        await phone.page.evaluate(
          `crypto.subtle.importKey = ((own) => (form, data, how, ...rest) => how === 'Ed25519'
            ? Promise.reject(new DOMException('', 'NotSupportedError'))
            : own.call(crypto.subtle, form, data, how, ...rest))(crypto.subtle.importKey)`,
        );
      await phone.page.route('**/v1/phone/book', async (route) => {
        const response = await route.fetch();
        const json = (await response.json()) as { receipts: string[] };
        json.receipts = json.receipts.map((receipt) =>
          receipt.replace(/^(— \S+ \S{40})(.)/m, (_, before: string, one: string) =>
            [before, one === 'A' ? 'B' : 'A'].join(''),
          ),
        );
        await route.fulfill({ response, json });
      });
      await phone.button('查验这些记录').click();
      await phone.sees('signature_wrong');
      await phone.page.unroute('**/v1/phone/book');
      await phone.button('查验这些记录').click();
      await phone.sees('已存入日志，日志签名有效');
      expect(ours).toBe(without ? 1 : 0);
    }
    await phone.close();
  });

  test('clears what it showed when it was away for five minutes', async () => {
    const clerk = new Clerk(town);
    await town.idCard(clerk.number);
    const phone = await clerk.enrolledPhone(browser, { ahead: 1 });
    await phone.button('我的证照').click();
    await phone.button(/居民身份证/).click();
    await phone.sees(holderName);
    const visible = (state: string) =>
      phone.page.evaluate(`
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' });
        document.dispatchEvent(new Event('visibilitychange'));`);
    await visible('hidden');
    await phone.page.clock.fastForward(299_000);
    expect(await phone.text(holderName).count()).toBe(1);
    await phone.page.clock.fastForward(2_000);
    await phone.sees('已收起您的信息');
    expect(await phone.text(holderName).count()).toBe(0);
    expect(await phone.look('cleared')).toEqual([]);
    await phone.close();
  });

  test('opens without network, says so, and its worker keeps no answer of the city', async () => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser, { worker: true });
    await controlled(phone);
    await phone.button('我的证照').click();
    await phone.sees('还没有您的证照');
    const kept = await phone.page.evaluate<string[]>(
      `caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)
        .then((cache) => cache.keys())))).then((all) => all.flat().map(({ url }) => new URL(url).pathname))`,
    );
    expect(kept).toContain('/phone');
    // In both languages, so that either can be chosen without network.
    for (const language of ['zh', 'en'])
      expect(kept.filter((path) => path.includes(`_virtual_problems-${language}-`))).toHaveLength(
        1,
      );
    for (const path of kept) expect(path).toMatch(/^\/(phone|icon|assets\/)/);
    await phone.context.setOffline(true);
    await phone.page.reload();
    await phone.sees('没有网络');
    expect(await phone.look('offline-start')).toEqual([]);
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });

  test('goes on with its pages where the city serves others without a record, and says so; takes them with one', async () => {
    const { app } = town.city.city;
    const pages = app.get(PublishedPages, { strict: false });
    const path = 'phone/index.html';
    const built = pages.find(path)!;
    const content = Buffer.from(String(built.content).replace('<title>', '<title>新版 '));
    const hash = createHash('sha256').update(content).digest('base64url');
    const honest = pages.find.bind(pages);
    const phone = await new Clerk(town).enrolledPhone(browser, { worker: true });
    const title = () => phone.page.title();
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-pages-'));
    const served = jest.spyOn(pages, 'find');
    try {
      await controlled(phone);
      served.mockImplementation((asked) =>
        asked === path ? { ...built, content, brotli: null, hash } : honest(asked),
      );
      await phone.page.reload();
      await phone.sees('本市现在给出的页面没有登记');
      await phone.sees(`page_other ${path}`);
      await phone.sees('没有待办的授权请求');
      expect(await title()).not.toContain('新版');
      expect(await phone.look('pages-without-record')).toEqual([]);
      // Told again when it is opened without network.
      await phone.context.setOffline(true);
      await phone.page.reload();
      await phone.sees('仍用已登记的页面');
      await phone.context.setOffline(false);

      await cp(builtPages, folder, { recursive: true });
      await writeFile(join(folder, path), content);
      await new PagesPublication(app, new SystemClock(), openLog('silent'), folder).record();
      // It is taken beside the page that is open, and shown when that is opened again.
      while (!(await title()).includes('新版')) await phone.page.reload();
      expect(await phone.text('本市现在给出的页面没有登记').count()).toBe(0);

      // A browser lets a server replace the worker at once: the page that is open says so.
      const taking = Buffer.from(
        `oninstall = () => skipWaiting(); onactivate = (event) => event.waitUntil(clients.claim());`,
      );
      served.mockImplementation((asked) =>
        asked === 'phone-worker.js'
          ? { ...built, type: 'text/javascript', content: taking, brotli: null, hash: 'another' }
          : honest(asked),
      );
      await phone.page.reload();
      await phone.sees('worker_replaced');
      expect(await phone.look('worker-replaced')).toEqual([]);
      expect(phone.complaints).toEqual([]);
    } finally {
      served.mockRestore();
      await rm(folder, { recursive: true });
      await phone.close();
    }
  });

  test.each([
    ['a small phone', { width: 360, height: 640 }],
    ['200 % zoom', { width: 195, height: 422 }],
  ])('fits on %s', async (name, size) => {
    const clerk = new Clerk(town);
    const phone = await clerk.enrolledPhone(browser);
    await phone.page.setViewportSize(size);
    const request = await clerk.asks();
    const look = async (state: string) => {
      expect(await phone.look(`${state}-${size.width}`)).toEqual([]);
      const wide = 'document.documentElement.scrollWidth - innerWidth';
      expect([name, state, await phone.page.evaluate(wide)]).toEqual([name, state, 0]);
    };
    await phone.sees('请您同意使用');
    await look('to-do');
    await toRequest(phone);
    await numberField(phone).fill(request.digits);
    await look('request');
    await phone.button('同意').click();
    await phone.sees('已同意，等待窗口取走');
    await look('granted');
    await phone.button('返回').click();
    await phone.button('谁用过').click();
    await phone.sees('灵活就业人员参保登记');
    await look('accesses');
    await phone.button('出示码').click();
    await phone.sees(/秒后更新/);
    await look('code');
    await phone.close();
  });
});
