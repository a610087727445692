import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { createClient, readKey } from '#libs/api-client';
import { withAuthenticator } from '../browser/administrator.js';
import { HallPage, launchBrowser } from '../browser/hall.js';
import { PhonePage } from '../browser/phone-page.js';
import { text } from '../docker/repository.js';
import { freePort } from '../support/ports.js';
import { endProgram } from '../support/programs.js';
import { Services } from '../support/services.js';
import { TrialHall, type TrialLinks } from '../support/trial-hall.js';
import { Proxy, Secrets } from './proxy.js';

jest.setTimeout(120_000);
const program = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

let secrets: Secrets;
let services: Services;
let proxy: Proxy;
let browser: Browser;
let hall: TrialHall;
let links: TrialLinks;

/** Two of each service, and in front of them what is deployed there. */
beforeAll(async () => {
  secrets = Secrets.make('localhost');
  const authority = secrets.path('tls_ca.crt');
  setDefaultCACertificates([...getCACertificates('default'), await readFile(authority, 'utf8')]);
  const [port, metrics] = [await freePort(), await freePort()];
  const [PUBLIC_URL, TLS_CERTIFICATE] = [`https://localhost:${port}`, secrets.path('tls.pem')];
  services = await Services.start({ PUBLIC_URL, NODE_EXTRA_CA_CERTS: authority });
  const backends = (await services.processes())
    .filter(({ name }) => /-\d$/.test(name))
    .map(({ name, url }) => [name.toUpperCase().replace('-', '_'), new URL(url).host]);
  proxy = Proxy.start({
    HTTPS_ADDRESS: `127.0.0.1:${port}`,
    METRICS_ADDRESS: `127.0.0.1:${metrics}`,
    TLS_CERTIFICATE,
    ...(Object.fromEntries(backends) as Record<string, string>),
  });
  await proxy.until(async () => (await fetch(`${PUBLIC_URL}/health/ready`)).ok);
  hall = TrialHall.start(['trial'], {
    DATA_DIR: services.dataDir,
    PUBLIC_URL,
    NODE_EXTRA_CA_CERTS: authority,
  });
  // This one key is believed, as a city's own certificate is: a page with a wrong one has no
  // passkeys.
  const { publicKey } = new X509Certificate(await readFile(TLS_CERTIFICATE, 'utf8'));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(key).digest('base64');
  browser = await launchBrowser({ args: [`--ignore-certificate-errors-spki-list=${pin}`] });
  links = await hall.links();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await endProgram(hall.child);
  await proxy.stop();
  await services.stop();
  secrets.remove();
});

/** How often something longer than a heartbeat came on the page's stream of events. */
async function newsOf({ context, page }: HallPage | PhonePage, path: string) {
  const devtools = await context.newCDPSession(page);
  const [streams, news] = [new Set<string>(), { count: 0 }];
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    if (new URL(response.url).pathname === path && response.status === 200) streams.add(requestId);
  });
  devtools.on('Network.dataReceived', ({ requestId, dataLength }) => {
    if (streams.has(requestId) && dataLength > 32) news.count++;
  });
  await devtools.send('Network.enable');
  return news;
}

describe('through HAProxy and TLS', () => {
  test('the main job is done by hand, and news come as they happen', async () => {
    const window = await HallPage.open(browser);
    const { page } = window;
    const newsOfWindow = await newsOf(window, '/v1/events');
    await page.goto(links.window);
    await hall.says(/示例人社窗口 已登记/);
    const url = new URL(links.phone);
    expect([url.protocol, url.origin]).toEqual(['https:', services.baseUrl]);
    const phone = await PhonePage.open(browser, url.origin, { fragment: url.hash });
    const newsOfPhone = await newsOf(phone, '/v1/phone/events');
    await phone.button('登记').click();
    await hall.says(/示例甲子 的手机已登记/);
    await phone.sees('没有待办的授权请求');

    await page.getByText('按 F2 开始新办件').waitFor();
    const popup = page.waitForEvent('popup');
    await page.getByRole('button', { name: '持证人屏幕' }).click();
    const display = await popup;
    await page.keyboard.press('F2');
    await page.keyboard.type('灵活就业人员参保');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('持证人', { exact: true }).first().waitFor();
    await page.keyboard.type(links.number);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '请求同意' }).waitFor();
    const before = [newsOfWindow.count, newsOfPhone.count];
    await page.keyboard.press('F4');
    await page.locator('.number').waitFor();
    const number = await page.locator('.number').innerText();
    await display.getByText('请您核对').first().waitFor();
    await display.getByText(number).first().waitFor();
    await phone
      .button(/请您同意使用 2 份证照/)
      .first()
      .click();
    await phone.page.getByLabel('请输入窗口屏幕上的两位数').fill(number);
    await phone.button('同意').click();

    await page.getByText('示例甲子').first().waitFor();
    await page.getByText('颁发机构签名已核验').first().waitFor();
    await display.getByText('您已同意').first().waitFor();
    expect(newsOfWindow.count).toBeGreaterThan(before[0] ?? 0);
    expect(newsOfPhone.count).toBeGreaterThan(before[1] ?? 0);
    expect([window.complaints, phone.complaints]).toEqual([[], []]);
    await Promise.all([window.close(), phone.close()]);
  });

  test('an operator makes a passkey under the name of the certificate, and signs in with it', async () => {
    const window = await HallPage.open(browser);
    const { page } = window;
    await withAuthenticator(window);
    const { window: link } = await hall.links(hall.enter());
    await page.goto(link);
    await page.getByText('按 F2 开始新办件').waitFor();
    const { body } = await services.admin.post('/v1/operators', {
      name: '示例·甲',
      department: '人社',
      roles: ['clerk'],
    });
    await page.goto(`${services.baseUrl}/sign-in#invitation=${String(body.invitation)}`);
    await page.getByRole('button', { name: '创建通行密钥' }).click();
    await page.getByRole('button', { name: '去窗口登录' }).click();
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.getByRole('button', { name: '换人登录' }).waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  test('a key by openssl alone, as the page says it, is registered by the command line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-key-'));
    const [, script = ''] =
      /```sh\n(openssl genpkey[^`]+)```/.exec(text('docs/operations/start.md')) ?? [];
    expect(script).not.toBe('');
    const run = promisify(execFile);
    await run('bash', ['-c', `cd "$0" && set -e -o pipefail && ${script}`, folder]);
    const file = join(folder, 'window-7.jwk');
    const who = ['--kind', 'auditor', '--name', '审计', '--department', '审计局', '--json'];
    const { stdout } = await run(
      process.execPath,
      [program, 'clients', 'register', '--holder-key', file, ...who],
      {
        env: {
          PATH: process.env['PATH'],
          DATA_DIR: services.dataDir,
          MIANZHENG_URL: services.baseUrl,
          NODE_EXTRA_CA_CERTS: secrets.path('tls_ca.crt'),
        },
      },
    );
    const { client } = JSON.parse(stdout) as { client: string };
    const key = await readKey(JSON.parse(await readFile(file, 'utf8')));
    const { baseUrl } = services;
    const api = createClient({ baseUrl, client, key, scopes: ['matters:read'] });
    const { response } = await api.GET('/v1/matters', { params: { query: { q: '参保' } } });
    expect(response.status).toBe(200);
    await rm(folder, { recursive: true });
  });

  test('each service answered, and nothing was lost on the way', () => {
    const answered = [...proxy.log.matchAll(/ city~ (\w+)\/[\w-]+ \w+ (\d+) /g)];
    expect(new Set(answered.map(([, service]) => service))).toEqual(
      new Set(['identity', 'ledger', 'window']),
    );
    expect(answered.filter(([, , status]) => Number(status) >= 500)).toEqual([]);
  });
});
