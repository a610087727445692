import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page, Route } from 'playwright-core';
import { CityProcesses } from '../support/city-processes.js';
import { done, type Holder, holderName, Town } from '../support/town.js';
import { ClerkAtWindow } from './window-clerk.js';
import { buildPages, type HallPage, launchBrowser } from './hall.js';

let town: Town<CityProcesses>;
let browser: Browser;
let clerk: ClerkAtWindow;
let hall: HallPage;
let page: Page;
let holder: Holder;

beforeAll(async () => {
  await buildPages();
  browser = await launchBrowser();
  town = await Town.around(await CityProcesses.start(1));
  holder = await town.holder();
  await town.idCard(holder.number);
  clerk = await ClerkAtWindow.arrive(town, browser);
  await clerk.enrol();
  ({ hall, page } = clerk);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});
afterEach(async () => {
  await page.unrouteAll({ behavior: 'wait' });
  await hall.context.setOffline(false);
  await page.emulateMedia({ forcedColors: 'none', contrast: null, colorScheme: 'light' });
});

/**
 * Of the page: while it is `silent`, nothing of the stream of events comes through, and no request
 * is answered, as on a line that somebody pulled.
 */
const silenceable = `{
  const real = globalThis.fetch;
  const hangs = (signal) => new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });
  globalThis.fetch = async (...request) => {
    if (globalThis.silent) return hangs(request[1]?.signal);
    const response = await real(...request);
    if (!String(request[0]).endsWith('/events') || response.body === null) return response;
    const heard = new TransformStream({
      transform(chunk, controller) {
        if (!globalThis.silent) controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(heard), response);
  };
}`;

const tokens = '**/consents/*/token';
const releases = '**/v1/releases';
const cases = /\/v1\/cases\/[^/]+$/;
const consents = /\/v1\/cases\/[^/]+\/consents\/[^/]+$/;

/** Holds the next request back until it is let go. */
function hold(url: string): { readonly held: Promise<void>; readonly letGo: () => void } {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const held = new Promise<void>((resolve) => {
    void page.route(url, async (route) => {
      resolve();
      await gone;
      await route.continue();
    });
  });
  return { held, letGo };
}

/** Of the page: what is wider than its place, or cut off. */
const cutOff = `[...document.querySelectorAll('html, .bar, .board, .desk main, .consent, .button, .status')]
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
  .map(({ tagName, className, textContent }) => tagName + ' ' + className + ' ' + textContent.slice(0, 30))`;
const isInView = (element: {
  getBoundingClientRect(): { top: number; bottom: number };
}): boolean => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= (globalThis as unknown as { innerHeight: number }).innerHeight;
};

const refuse = (route: Route, status: number, code: string, facts: object = {}) =>
  route.fulfill({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: 'about:blank', status, code, request: 'r', facts }),
  });

/** A request whose time is over, as far as the page is told. */
async function expires(redeemBy: string | null): Promise<void> {
  const over = { state: 'to-be-brought', reason: 'consent_expired', mayAsk: true };
  await clerk.choose('SX0001');
  await clerk.types(holder.number);
  await clerk.button('请求同意').waitFor();
  await page.route(consents, async (route) => {
    const response = await route.fetch();
    const json = { ...(await response.json()), state: 'expired', redeemBy };
    await route.fulfill({ response, json });
  });
  await page.route(cases, async (route) => {
    const response = await route.fetch();
    const found = (await response.json()) as { requirements: { parts: object[] }[] };
    const requirements = found.requirements.map(({ parts, ...requirement }) => ({
      ...requirement,
      ...over,
      parts: parts.map((part) => ({ ...part, ...over })),
    }));
    await route.fulfill({ response, json: { ...found, requirements } });
  });
  await clerk.press('F4');
}

/** A consent that the holder granted while the page was kept from using it. */
async function grantedWhileHeld() {
  const { held, letGo } = hold(tokens);
  const { consent, digits } = await clerk.asks(holder);
  done(await town.grant(holder, consent, { digits }));
  await held;
  return { consent, letGo };
}

describe('the answers of a holder', () => {
  test('no', async () => {
    const { consent } = await clerk.asks(holder);
    done(await holder.phone.post(`/v1/phone/consents/${consent}/refuse`));
    await clerk.sees('持证人未同意。可改交纸质，不影响办理。');
    expect(await hall.look('window-refused')).toEqual([]);
    await clerk.closes();
  });

  test('none in time, which is no no', async () => {
    await expires(null);
    await clerk.sees('持证人没有答复');
    await clerk.button('再请求一次').and(page.locator(':enabled')).waitFor();
    expect(await hall.look('window-unanswered')).toEqual([]);
    await clerk.closes();
  });

  test('a yes that was not used within ten minutes', async () => {
    await expires('2026-11-30T08:12:00.000Z');
    await clerk.sees('同意已超过 10 分钟，按 F4 再请求一次。');
    expect(await hall.look('window-expired')).toEqual([]);
    await clerk.closes();
  });

  test('a yes taken back before its data left', async () => {
    const { consent, letGo } = await grantedWhileHeld();
    await clerk.sees('正在取用并核验签名');
    expect(await hall.look('window-taking')).toEqual([]);
    done(await holder.phone.post(`/v1/phone/consents/${consent}/withdraw`));
    letGo();
    await clerk.sees('持证人已撤回，信息没有取出。');
    expect(await hall.look('window-withdrawn')).toEqual([]);
    await clerk.closes();
  });
});

describe('bad luck with a yes', () => {
  test('a certificate revoked between the yes and the data', async () => {
    const other = await town.holder();
    const card = await town.idCard(other.number);
    const { held, letGo } = hold(tokens);
    const { consent, digits } = await clerk.asks(other);
    done(await town.grant(other, consent, { digits }));
    await held;
    const reason = { reason: 'wrongly_issued' };
    done(await town.authority.http.post(`/v1/certificates/${card}/revoke`, reason));
    letGo();
    await clerk.sees('同意之后证照已变更或注销，信息未取出，请按需提交办理。');
    expect(await hall.look('window-changed')).toEqual([]);
    await clerk.closes();
  });

  test('a consent that was used elsewhere', async () => {
    await page.route(releases, (route) => refuse(route, 403, 'consent_spent'));
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees('这次同意已在别处用过。');
    expect(await hall.look('window-elsewhere')).toEqual([]);
    await clerk.closes();
  });

  test('data lost on the way are read again, without a new yes', async () => {
    await page.route(releases, async (route) => {
      await route.fetch(); // the ledger redeemed it, and nobody heard
      await route.abort();
    });
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees('信息在传送途中丢失');
    expect(await hall.look('window-lost')).toEqual([]);
    await clerk.button('再次查看').click();
    await clerk.sees(holderName);
    await clerk.closes();
  });

  test('missing witnesses hold the data back, and then they come by themselves', async () => {
    await page.route(releases, async (route) => {
      const { receipt } = (await (await route.fetch()).json()) as { receipt: { at: string } };
      await refuse(route, 503, 'seal_pending', { at: receipt.at });
    });
    let witnesses = false;
    await page.route('**/v1/receipts/**', (route) =>
      witnesses ? route.continue() : refuse(route, 503, 'seal_pending'),
    );
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees('信息暂缓显示；同意已记下，不会丢。');
    expect(await hall.look('window-held')).toEqual([]);
    witnesses = true;
    await clerk.sees(holderName);
    await clerk.closes();
  });

  test('a word that the authority did not sign is not shown', async () => {
    await page.route(releases, async (route) => {
      const response = await route.fetch();
      const text = (await response.text()).replaceAll(holderName, '测试乙');
      await route.fulfill({ response, body: text });
    });
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees('颁发机构签名未通过核验，信息不予显示');
    expect(await page.getByText('测试乙').count()).toBe(0);
    expect(await hall.look('window-forged')).toEqual([]);
    await clerk.closes();
  });

  test('a holder without the certificate', async () => {
    const other = await town.holder();
    const { consent, digits } = await clerk.asks(other);
    done(await town.grant(other, consent, { digits }));
    await clerk.sees('持证人没有可用的证照');
    expect(await hall.look('window-has-none')).toEqual([]);
    await clerk.closes();
  });
});

describe('the holder’s display', () => {
  test('shows the hall, the request and its end, and never the data', async () => {
    const opened = hall.context.waitForEvent('page');
    await clerk.button('持证人屏幕').click();
    const display = await opened;
    await display.setViewportSize({ width: 1920, height: 1080 });
    await display.getByText('请稍候').waitFor();
    expect(await hall.look('display-idle', display)).toEqual([]);
    const { consent, digits } = await clerk.asks(holder);
    await display.getByText(digits, { exact: true }).waitFor();
    expect(await hall.look('display-waiting', display)).toEqual([]);
    expect(await hall.looksOtherwise('display-waiting', display)).toEqual([]);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees(holderName);
    await display.getByText('窗口已取用所列信息').waitFor();
    expect(await hall.look('display-received', display)).toEqual([]);
    const seen = await display.content();
    expect(seen).not.toContain(holderName);
    expect(seen).not.toContain(holder.number);
    // By itself: a window's name can hold the same two digits.
    expect(await display.getByText(digits, { exact: true }).count()).toBe(0);
    await clerk.closes();
    await display.getByText('请稍候').waitFor();
    expect(await hall.looksOtherwise('display-idle', display)).toEqual([]);
    const { consent: second } = await clerk.asks(holder);
    done(await holder.phone.post(`/v1/phone/consents/${second}/refuse`));
    await display.getByText('您未同意').waitFor();
    expect(await hall.look('display-refused', display)).toEqual([]);
    await clerk.closes();
    await display.close();
  });
});

describe('bad luck with the page', () => {
  test('a number that was scanned into the search is not sent, and does not stay', async () => {
    const addresses: string[] = [];
    const note = (request: { url: () => string }) => addresses.push(request.url());
    page.on('request', note);
    await clerk.press('F2');
    await clerk.types(holder.number);
    await clerk.sees('像是证件号码或办事码，没有发送');
    expect(await hall.look('window-number-in-search')).toEqual([]);
    await clerk.press('Tab');
    expect(await page.getByRole('combobox').inputValue()).toBe('');
    page.off('request', note);
    const sent = addresses.map((address) => new URL(address).searchParams.get('q') ?? '');
    expect(sent.filter((words) => words.length > 6)).toEqual([]);
  });

  test('pressing twice asks once', async () => {
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/consents'))
        keys.push(request.headers()['idempotency-key']);
    });
    await clerk.choose('SX0001');
    await clerk.types(holder.number);
    await clerk.button('请求同意').waitFor();
    await Promise.all([clerk.press('F4'), clerk.press('F4')]);
    await page.locator('.number').waitFor();
    expect(keys).toHaveLength(1);
    await clerk.closes();
  });

  test('without the network what is there stays, and the rest waits', async () => {
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees(holderName);
    await hall.context.setOffline(true);
    await clerk.sees(/网络断开（\d\d:\d\d 起）。已取到的可看到 \d\d:\d\d，暂不能发新请求。/);
    expect(await clerk.button(/^办结/).isDisabled()).toBe(true);
    expect(await hall.look('window-offline')).toEqual([]);
    await hall.context.setOffline(false);
    await clerk.button(/^办结/).click();
    await clerk.press('Enter');
    await clerk.sees('已办结');
  });

  test('a second page of the terminal does not work beside the first', async () => {
    const second = await hall.context.newPage();
    await second.goto(`${town.url}/window`);
    await second.getByText('窗口页面已在另一处打开').waitFor();
    expect(await hall.look('window-second-page', second)).toEqual([]);
    await second.getByRole('button', { name: '在这里继续' }).click();
    await second.getByText('按 F2 开始新办件').waitFor();
    await clerk.sees('窗口页面已在另一处打开');
    await clerk.button('在这里继续').click();
    await clerk.sees('按 F2 开始新办件');
    await second.close();
  });

  test('on a small screen, and at 200 %, nothing is cut off', async () => {
    const { consent, digits } = await clerk.asks(holder);
    const look = async (state: string, width: number, height: number) => {
      await page.setViewportSize({ width, height });
      expect(await hall.look(`window-${state}-${String(width)}`)).toEqual([]);
      expect([state, width, await page.evaluate<string[]>(cutOff)]).toEqual([state, width, []]);
    };
    const overflows = `(() => {
      const { scrollHeight, clientHeight } = document.querySelector('.consent');
      return scrollHeight > clientHeight;
    })()`;
    await look('waiting', 1366, 768);
    for (const language of ['EN – switch to English', '切换到中文']) {
      await page.getByRole('button', { name: language }).click();
      expect([language, await page.evaluate(overflows)]).toEqual([language, false]);
    }
    await look('waiting', 960, 540);
    await page.setViewportSize({ width: 1920, height: 1080 });
    expect(await page.evaluate(overflows)).toBe(false);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees(holderName);
    await look('released', 1366, 768);
    await look('released', 960, 540);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await clerk.closes();
  });

  test('with the system’s own colours, and with more contrast, nothing is lost', async () => {
    const { consent, digits } = await clerk.asks(holder);
    const looks = async (state: string) => {
      for (const [kind, media] of [
        ['forced', { forcedColors: 'active', colorScheme: 'dark' }],
        ['contrast', { contrast: 'more' }],
      ] as const) {
        await page.emulateMedia(media);
        expect(await hall.look(`window-${state}-${kind}`)).toEqual([]);
        await page.emulateMedia({ forcedColors: 'none', contrast: null, colorScheme: 'light' });
      }
    };
    await looks('waiting');
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees(holderName);
    await looks('released');
    await clerk.closes();
  });

  test('names with rare letters, of thirty letters, and of several parts are shown as signed', async () => {
    for (const name of [
      '䶮𠮷㼆𪨊',
      '阿卜杜热合曼·买买提艾力·阿布都克里木·吐尔逊江·玉素甫·艾合买提',
    ]) {
      const other = await town.holder();
      const { fields } = town.card(other.number);
      await town.idCard(other.number, { fields: { ...fields, 姓名: name } });
      const { consent, digits } = await clerk.asks(other);
      done(await town.grant(other, consent, { digits }));
      await clerk.sees(name);
      await clerk.sees('颁发机构签名已核验');
      expect(await page.evaluate<string[]>(cutOff)).toEqual([]);
      if (name.includes('·')) expect(await hall.look('window-long-name')).toEqual([]);
      await clerk.closes();
    }
  });

  test('a yes that came while the page was asleep brings its data when it wakes', async () => {
    const devtools = await hall.context.newCDPSession(page);
    const { consent, digits } = await clerk.asks(holder);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    done(await town.grant(holder, consent, { digits }));
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await clerk.sees(holderName);
    await devtools.detach();
    await clerk.closes();
  });

  test('the back button takes the data off the screen, and the case waits on the board', async () => {
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees(holderName);
    await page.goBack();
    await page.goto(`${town.url}/window`);
    await clerk.sees('按 F2 开始新办件');
    expect(await hall.remains()).not.toContain(holderName);
    await page.locator('.board li button').first().click();
    await clerk.button('再次查看').waitFor();
    await clerk.closes();
  });

  test('in each step the missing network is told, and goes on where it was', async () => {
    const away = async (step: string, locked: string | RegExp | null) => {
      await hall.context.setOffline(true);
      await clerk.sees(/网络断开（\d\d:\d\d 起）/);
      if (locked !== null) await clerk.button(locked).and(page.locator(':disabled')).waitFor();
      expect(await hall.look(`window-offline-${step}`)).toEqual([]);
      await hall.context.setOffline(false);
      await page.getByText(/网络断开（/).waitFor({ state: 'detached' });
    };
    await away('empty', null);
    await clerk.choose('SX0001');
    await page.keyboard.type(holder.number);
    await away('new', null);
    await clerk.press('Enter');
    await clerk.button('请求同意').waitFor();
    await away('case', '请求同意');
    await clerk.press('F4');
    await page.locator('.number').waitFor();
    await away('waiting', null);
    const digits = await page.locator('.number').innerText();
    done(await town.grant(holder, await clerk.waitingAt(holder), { digits }));
    await clerk.sees(holderName);
    await clerk.closes();
  });

  test('two hundred cases, one of them of yesterday, are a list that scrolls by itself', async () => {
    await clerk.choose('SX0001');
    await clerk.types(holder.number);
    await clerk.button('请求同意').waitFor();
    await page.route('**/v1/board', async (route) => {
      const response = await route.fetch();
      const board = (await response.json()) as { cases: { case: string; opened: string }[] };
      const [first] = board.cases;
      const cases = Array.from({ length: 200 }, (_, n) => ({
        ...first!,
        case: `${first!.case.slice(0, 19)}${String(n).padStart(3, '0')}`,
        queueNumber: `A${String(n).padStart(3, '0')}`,
        opened: n === 0 ? new Date(Date.now() - 86_400_000).toISOString() : first!.opened,
      }));
      await route.fulfill({ response, json: { ...board, cases } });
    });
    await page.reload();
    const rows = page.locator('.board li button');
    await rows.nth(199).waitFor();
    expect(await rows.first().innerText()).toMatch(/^\d\d-\d\d/);
    expect(await rows.nth(1).innerText()).toMatch(/^\d\d:\d\d/);
    expect(await page.evaluate<string[]>(cutOff)).toEqual([]);
    await rows.nth(199).focus();
    await rows.nth(199).and(page.locator(':focus')).waitFor();
    expect(await rows.nth(199).evaluate(isInView)).toBe(true);
    expect(await clerk.button('新办件').evaluate(isInView)).toBe(true);
    expect(await hall.look('window-two-hundred')).toEqual([]);
    await page.unroute('**/v1/board');
    await page.reload();
    await page.locator('.board li button').first().click();
    await clerk.button('请求同意').waitFor();
    await clerk.closes();
  });

  test('nothing stands in the console but what the network did', () => {
    expect(hall.complaints).toEqual([]);
  });

  test('a terminal that is disabled shows nothing any more', async () => {
    const { consent, digits } = await clerk.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await clerk.sees(holderName);
    const { admin } = town.city;
    done(await admin.post(`/v1/clients/${clerk.client}/disable`, { reason: 'stolen' }));
    await clerk.sees('本终端不能继续使用');
    expect(await hall.look('window-disabled')).toEqual([]);
    expect(await hall.remains()).not.toContain(holderName);
  });

  let idle: ClerkAtWindow;

  test('a line that falls silent is told within five seconds, and heals by itself', async () => {
    idle = await ClerkAtWindow.arrive(town, browser, async ({ context, page: opened }) => {
      await opened.clock.install();
      await context.addInitScript({ content: silenceable });
    });
    await idle.enrol();
    const { consent, digits } = await idle.asks(holder);
    await idle.page.evaluate('silent = true');
    await idle.page.clock.fastForward(5000);
    await idle.sees(/网络断开（\d\d:\d\d 起）/);
    done(await town.grant(holder, consent, { digits }));
    await idle.page.evaluate('silent = false');
    await idle.page.clock.fastForward(10_000);
    await idle.sees(holderName);
    await idle.page
      .getByText(/网络断开/)
      .first()
      .waitFor({ state: 'detached' });
    await idle.closes();
  });

  test('ten minutes without a touch clear the screen', async () => {
    const { consent, digits } = await idle.asks(holder);
    done(await town.grant(holder, consent, { digits }));
    await idle.sees(holderName);
    // The page's clock leaves the city's behind: nothing that it signs now would be taken.
    await idle.hall.context.setOffline(true);
    await idle.page.clock.fastForward(600_000);
    await idle.sees('10 分钟没有操作');
    expect(await idle.hall.remains()).not.toContain(holderName);
    expect(await idle.hall.look('window-idle')).toEqual([]);
  });
});
