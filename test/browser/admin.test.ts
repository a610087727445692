import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { proveClientKey, readKey } from '#libs/api-client';
import { inventedCreditCode } from '../support/authority.js';
import { CityProcesses } from '../support/city-processes.js';
import { Town } from '../support/town.js';
import { AtAdmin, withAuthenticator } from './administrator.js';
import { HallPage, launchBrowser } from './hall.js';

const newJwk = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
/** The city has its public half alone. */
const secondKey = newJwk();

let town: Town<CityProcesses>;
let browser: Browser;
let first: AtAdmin;
let second: AtAdmin;
let window: HallPage;
let invitation: string;

beforeAll(async () => {
  browser = await launchBrowser();
  const open = Object.entries(secondKey).filter(([name]) => name !== 'd');
  const keyFiles = { 'second-administrator.jwk': JSON.stringify(Object.fromEntries(open)) };
  town = await Town.around(await CityProcesses.start(1, undefined, keyFiles));
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

const file = (name: string, content: unknown) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
});

describe('the first administrators', () => {
  test('are told how to begin, and a file that is no key of an administrator is refused', async () => {
    first = await AtAdmin.open(browser, town);
    await first.sees('首次启动：用管理员密钥文件');
    expect(await first.look('no-terminal')).toEqual([]);
    await first.page.getByLabel('密钥文件').setInputFiles(file('other.jwk', newJwk()));
    await first.fill('您的姓名', '示例·管理甲');
    await first.button('登记并创建通行密钥').click();
    await first.sees('这不是本系统管理员的密钥文件');
    expect(await first.look('wrong-key')).toEqual([]);
  });

  test('sign in with the key of the first start, make a passkey, and need the file no more', async () => {
    const key = await readFile(join(town.city.dataDir, 'keys', 'administrator.jwk'), 'utf8');
    await first.begins(file('administrator.jwk', key), '示例·管理甲');
    const { d } = JSON.parse(key) as { d: string };
    expect(await first.hall.remains()).not.toContain(d);
    await first.page.reload();
    await first.sees('本管理终端尚未登录');
    expect(await first.look('signed-out')).toEqual([]);
    await first.signsIn();
  });

  test('see the state of the log, the limits, and with whom they may approve', async () => {
    await first.sees('存证正常');
    await first.page
      .getByRole('listitem')
      .filter({ hasText: 'Second administrator' })
      .getByText('可与您共同批准')
      .waitFor();
    await first.sees('与您不独立');
    await first.sees('每个窗口每天涉及人数');
    expect(await first.look('overview')).toEqual([]);
  });

  test('read it in the system’s own colours, with more contrast, and at 200 %', async () => {
    for (const [section, name] of [
      ['概况', 'overview'],
      ['窗口与终端', 'terminals'],
      ['目录', 'catalogue'],
    ] as const) {
      await first.section(section);
      await first.page.getByRole('heading', { name: section, level: 1 }).waitFor();
      expect(await first.hall.looksOtherwise(`admin-${name}`)).toEqual([]);
    }
    await first.section('工作人员');
    await first.button('邀请工作人员').click();
    expect(await first.hall.looksOtherwise('admin-invite')).toEqual([]);
    await first.button('取消').click();
  });

  test('sign in at each page of a browser, and the sign-in of one is not that of another', async () => {
    const beside = await first.hall.context.newPage();
    await beside.goto(`${town.url}/admin`);
    await beside.getByText('本管理终端尚未登录').waitFor();
    expect(await first.hall.look('admin-second-page', beside)).toEqual([]);
    await beside.close();
    await first.section('工作人员');
    await first.page.getByRole('heading', { name: '工作人员', level: 1 }).waitFor();
    await first.button('邀请工作人员').waitFor();
  });

  test('are two, once the second came with a key file of the own', async () => {
    second = await AtAdmin.open(browser, town);
    await second.begins(file('my-own.jwk', secondKey), '示例·管理乙');
    await second.sees('可与您共同批准');
    expect(await second.look('overview-two')).toEqual([]);
  });
});

describe('a window', () => {
  test('is enrolled by the handle that its own browser shows', async () => {
    window = await HallPage.open(browser);
    await withAuthenticator(window);
    await window.page.goto(`${town.url}/window`);
    const shown = window.page.locator('.enrol dd');
    await shown.first().waitFor();
    expect(await window.look('window-enrol')).toEqual([]);
    const [handle = '', check = ''] = await shown.allInnerTexts();
    await first.section('窗口与终端');
    await first.sees('在新终端的浏览器中打开窗口页面');
    await first.button('登记终端').click();
    await first.fill(/登记码/, '2222 2222');
    await first.button('查找终端').click();
    await first.sees('没有');
    await first.fill(/登记码/, handle.toLowerCase());
    await first.button('查找终端').click();
    await first.sees(check.trim());
    expect(await first.look('enrol-terminal')).toEqual([]);
    await first.fill('部门', '人社');
    await first.fill('窗口编号或位置', 'hall-1-03');
    await first.fill('终端名称', '一楼3号终端');
    await first.button('一致，登记').click();
    await first.sees('终端已登记');
    expect(await first.look('enrolled')).toEqual([]);
    await first.button('完成').click();
    await first.row('一楼3号终端').getByText('工作人员登录后使用').waitFor();
    expect(await first.look('terminals')).toEqual([]);
    await window.page.getByText('本终端尚未登录工作人员').waitFor();
  });

  test('gets a clerk by a link that is shown once', async () => {
    await first.section('工作人员');
    await first.button('邀请工作人员').click();
    expect(await first.look('invite')).toEqual([]);
    await first.fill('姓名', '示例·窗口');
    await first.page.getByRole('dialog').getByLabel('部门').fill('人社');
    await first.button('生成邀请').click();
    await first.sees('邀请链接只显示这一次');
    const link = await first.page.getByLabel('邀请链接').innerText();
    invitation = new URL(link).hash;
    expect(await first.look('invited')).toEqual([]);
    await first.button('已交给本人，关闭').click();
    await first.row('示例·窗口').getByText('待首次登录').waitFor();
    expect(await first.hall.remains()).not.toContain(invitation.slice(12));
    expect(await first.look('operators')).toEqual([]);

    const { page } = window;
    await page.goto(`${town.url}/sign-in${invitation}`);
    await page.getByRole('button', { name: '创建通行密钥' }).click();
    await page.getByRole('button', { name: '去窗口登录' }).click();
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.getByRole('button', { name: '换人登录' }).waitFor();
  });

  test('loses its clerk at once, when that one is disabled', async () => {
    await first.section('工作人员');
    await first.button('改角色 示例·窗口').click();
    await first.page.getByRole('checkbox', { name: /复核人员/ }).check();
    expect(await first.look('roles')).toEqual([]);
    await first.button('保存').click();
    await first.row('示例·窗口').getByText('窗口人员、复核人员').waitFor();
    await first.button('停用 示例·窗口').click();
    expect(await first.look('disable')).toEqual([]);
    await first.button('停用').click();
    await first.row('示例·窗口').getByText('已停用').waitFor();
    await window.page.getByText('登录已结束').waitFor();
  });

  test('without the network each section says so, and a command is sent once it is back', async () => {
    const { context } = first.hall;
    const offline = '没有网络，或暂时连接不到系统';
    await context.setOffline(true);
    for (const section of [
      '概况',
      '窗口与终端',
      '颁发机构与系统',
      '工作人员',
      '目录',
      '删除与保全',
    ]) {
      await first.section(section);
      await first.page.getByRole('heading', { name: section, level: 1 }).waitFor();
      await first.sees(offline);
      await first.sees('存证状态未知');
      if (section === '概况' || section === '目录')
        expect(
          await first.look(`offline-${section === '概况' ? 'overview' : 'catalogue'}`),
        ).toEqual([]);
    }
    await context.setOffline(false);
    await first.page.getByText(offline).first().waitFor({ state: 'detached' });

    await first.section('工作人员');
    await first.button('邀请工作人员').click();
    await first.fill('姓名', '示例·重试');
    await first.page.getByRole('dialog').getByLabel('部门').fill('人社');
    const invited: (string | undefined)[] = [];
    first.page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/v1/operators'))
        invited.push(request.headers()['idempotency-key']);
    });
    await context.setOffline(true);
    await first.button('生成邀请').click();
    await first.page.getByRole('dialog').getByText(offline).waitFor();
    expect(await first.look('invite-offline')).toEqual([]);
    await context.setOffline(false);
    await first.button('生成邀请').dblclick();
    await first.sees('邀请链接只显示这一次');
    // Each try was the same command.
    expect(new Set(invited).size).toBe(1);
    await first.button('已交给本人，关闭').click();
    expect(await first.row('示例·重试').count()).toBe(1);
  });

  test('is out when the terminal itself is disabled, and back when it is enabled', async () => {
    await first.section('窗口与终端');
    await first.button('停用 一楼3号终端').click();
    await first.button('停用').click();
    await first.row('一楼3号终端').getByText('已停用').waitFor();
    await first.button('启用终端 一楼3号终端').click();
    await first.button('启用终端').click();
    await first.button('停用 一楼3号终端').waitFor();
  });
});

describe('an authority', () => {
  const details = {
    kind: 'issuing-authority',
    name: '示例市公安局',
    department: '公安',
    authority: { creditCode: inventedCreditCode(), name: '示例市公安局', types: ['ZZ001'] },
  };

  test('is registered by a file with its public key, whose thumbprint is compared', async () => {
    const privateJwk = newJwk();
    const key = await readKey({ ...privateJwk });
    const proved = await proveClientKey(key, 'trial.city.example', details);
    await first.section('颁发机构与系统');
    await first.button('登记机构或系统').click();
    const chooser = first.page.getByLabel('登记文件');
    await chooser.setInputFiles(file('secret.jwk', privateJwk));
    await first.sees('这个文件里有私钥');
    await chooser.setInputFiles(file('registration.json', { ...details, keys: [proved] }));
    await first.sees(key.jkt.slice(0, 4));
    expect(await first.look('register')).toEqual([]);
    await first.button('一致，登记').click();
    await first.sees('已登记，客户端编号');
    await first.button('完成').or(first.button('关闭')).click();
    await first.row(details.authority.creditCode).waitFor();
    expect(await first.look('authorities')).toEqual([]);
  });

  test('may issue what the administrator says', async () => {
    await first.button(`改种类 ${details.name}`).click();
    await first.fill('证照种类编码', 'ZZ001 ZZ002');
    await first.sees('增加：ZZ002');
    expect(await first.look('types')).toEqual([]);
    await first.button('保存').click();
    await first.row(details.authority.creditCode).getByText('ZZ001 ZZ002').waitFor();
  });
});

describe('the catalogue', () => {
  const rules = [
    'matter\tmaterial\ttype\twhose\tfields\tindicative\treason',
    'SX0001\tZZ001\tZZ001\tapplicant\t姓名\tyes\t',
    'SX0001\tZZ019\tZZ019\tapplicant\t社会保障号码\tyes\t',
    'SX0001\tZZ019\tZZ999\tapplicant\t姓名\tyes\t',
    'SX9999\tZZ001\tZZ001\tapplicant\t姓名\tyes\t',
  ].join('\n');

  test('shows what a file would change, line by line, before anything is imported', async () => {
    await first.section('目录');
    await first.button('导入文件').click();
    await first.page.getByLabel(/文件（TSV/).setInputFiles(file('rules.tsv', rules));
    await first.sees('修改 1 行');
    await first.sees('不接受 3 行');
    await first.sees('姓名、公民身份号码');
    expect(await first.look('preview')).toEqual([]);
    await first.button('确认导入 1 项改动').click();
    await first.sees('已导入：新增 0，修改 1');
    await first.button('返回目录').click();
  });

  test('shows the rules of a matter, and who changed them', async () => {
    await first.fill(/查事项/, 'SX0001');
    await first.button('规则与版本 SX0001').click();
    await first.sees('规则第 2 版');
    await first.sees('示例·管理甲');
    expect(await first.look('versions')).toEqual([]);
    await first.button('关闭').click();
    expect(await first.look('catalogue')).toEqual([]);
  });
});

describe('an erasure', () => {
  test('is asked for by one administrator, withdrawn, kept back by a hold, and approved by the other', async () => {
    const { number } = await town.holder();
    const ask = async () => {
      await first.button('申请删除').click();
      await first.fill(/身份证号/, number);
      await first.page.getByRole('dialog').getByRole('button', { name: '申请删除' }).click();
      await first.sees('待另一位管理员批准');
    };
    await first.section('删除与保全');
    await first.button('申请删除').click();
    expect(await first.look('ask')).toEqual([]);
    await first.button('取消').click();
    await ask();
    expect(await first.hall.remains()).not.toContain(number);
    await first.button('撤回申请').click();
    await first.sees('没有待批准的删除申请');
    await ask();

    await second.section('删除与保全');
    await second.button('设置保全').click();
    await second.fill(/身份证号/, number);
    await second.page.getByRole('dialog').getByRole('button', { name: '设置保全' }).click();
    await second.sees('有保全，不能批准');
    expect(await second.look('held')).toEqual([]);
    await second.button('解除：依据已结束').click();
    await second.sees('没有保全');
    await second.button('批准并删除').click();
    expect(await second.look('approve')).toEqual([]);
    await second.button('再按一次：永久删除').click();
    await second.sees('没有待批准的删除申请');
  });
});

describe('an auditor', () => {
  let auditor: AtAdmin;

  test('comes to a terminal that an administrator enrolled for administration', async () => {
    auditor = await AtAdmin.open(browser, town);
    await auditor.button('显示登记码').click();
    const shown = auditor.page.locator('.enrol dd');
    await shown.first().waitFor();
    const [handle = ''] = await shown.allInnerTexts();
    await first.section('窗口与终端');
    await first.button('登记终端').click();
    await first.fill(/登记码/, handle);
    await first.button('查找终端').click();
    await first.page.getByRole('radio', { name: /管理：/ }).check();
    await first.fill('部门', '审计');
    await first.fill('窗口编号或位置', '审计室');
    await first.fill('终端名称', '审计终端');
    await first.button('一致，登记').click();
    await first.sees('终端已登记');
    await first.button('完成').click();
    await auditor.sees('本管理终端尚未登录');

    await first.section('工作人员');
    await first.button('邀请工作人员').click();
    await first.fill('姓名', '示例·审计');
    await first.page.getByRole('dialog').getByLabel('部门').fill('审计');
    await first.page.getByRole('checkbox', { name: /窗口人员/ }).uncheck();
    await first.page.getByRole('checkbox', { name: /审计员/ }).check();
    await first.button('生成邀请').click();
    const link = await first.page.getByLabel('邀请链接').innerText();
    await first.button('已交给本人，关闭').click();
    await auditor.page.goto(link);
    await auditor.makesPasskey();
  });

  test('reads, and has nothing to change', async () => {
    const names = await auditor.page
      .getByRole('navigation', { name: '管理事项' })
      .getByRole('button')
      .allInnerTexts();
    expect(names).toEqual(['概况', '目录', '记录']);
    await auditor.section('记录');
    await auditor.fill('流名', 'matter-SX0001');
    await auditor.button('读取').click();
    await auditor.row('RulesSet').first().waitFor();
    expect(await auditor.look('records')).toEqual([]);
    await auditor.fill('流名', 'no name');
    await auditor.button('读取').click();
    await auditor.page.getByRole('alert').waitFor();
  });

  test('is signed out by the back button, with nothing left on the screen', async () => {
    await auditor.page.goBack();
    await auditor.page.goto(`${town.url}/admin`);
    await auditor.sees('登录只留在打开的页面里');
    expect(await auditor.hall.remains()).not.toContain('RulesSet');
    await auditor.signsIn();
  });

  test('is signed out where the browser kept the page whole, and brings it again', async () => {
    // No browser that is driven by a test keeps one.
    const again = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    await auditor.page.evaluate(again);
    await auditor.sees('登录已结束');
    await auditor.signsIn();
  });

  test('is out when an administrator disables the account', async () => {
    await first.section('工作人员');
    await first.button('停用 示例·审计').click();
    await first.button('停用').click();
    await first.row('示例·审计').getByText('已停用').waitFor();
    await auditor.sees('登录已结束');
    expect(await auditor.look('over')).toEqual([]);
    expect(auditor.hall.complaints).toEqual([]);
  });
});

describe('papers for people', () => {
  test.each(['clerk', 'citizen', 'administrator', 'head'])(
    'a guide for the %s is there in both languages',
    async (name) => {
      const { page } = window;
      await page.goto(`${town.url}/guides/${name}.en`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('link', { name: '中文' }).click();
      await page.getByRole('link', { name: 'English' }).waitFor();
      expect(await window.look(`guide-${name}`)).toEqual([]);
    },
  );
});

test('no page complained, and the policy refused nothing', () => {
  for (const { complaints } of [first.hall, second.hall, window]) expect(complaints).toEqual([]);
});
