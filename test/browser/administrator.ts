import type { Browser, Page } from 'playwright-core';
import type { CityProcesses } from '../support/city-processes.js';
import type { Town } from '../support/town.js';
import { HallPage } from './hall.js';

/** A passkey of this machine, whose owner confirms at once. */
export async function withAuthenticator({ context, page }: HallPage): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

type KeyFile = Readonly<{ name: string; mimeType: string; buffer: Buffer }>;

/** An administrator or auditor at a browser of the own: what one does with eyes and hands. */
export class AtAdmin {
  private constructor(readonly hall: HallPage) {}

  static async open(browser: Browser, town: Town<CityProcesses>): Promise<AtAdmin> {
    const hall = await HallPage.open(browser, { viewport: { width: 1440, height: 1000 } });
    await withAuthenticator(hall);
    await hall.page.goto(`${town.url}/admin`);
    return new AtAdmin(hall);
  }

  get page(): Page {
    return this.hall.page;
  }

  button(label: string) {
    return this.page.getByRole('button', { name: label, exact: true });
  }

  /** Waits until the text is there. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  section(name: string): Promise<void> {
    return this.page
      .getByRole('navigation', { name: '管理事项' })
      .getByRole('button', { name })
      .click();
  }

  fill(label: string | RegExp, text: string): Promise<void> {
    return this.page.getByLabel(label).fill(text);
  }

  /** Whether a picture in both languages shows anything that axe complains of. */
  look(name: string): Promise<string[]> {
    return this.hall.look(`admin-${name}`);
  }

  /** The first start, with the private key of an administrator whom the city admitted. */
  async begins(keyFile: KeyFile, name: string): Promise<void> {
    await this.page.getByLabel('密钥文件').setInputFiles(keyFile);
    await this.fill('您的姓名', name);
    await this.button('登记并创建通行密钥').click();
    await this.makesPasskey();
  }

  /** From the invitation's page to the signed-in one. */
  async makesPasskey(): Promise<void> {
    await this.button('创建通行密钥').click();
    await this.button('去管理页登录').click();
    await this.button('用通行密钥登录').click();
    await this.page.getByRole('heading', { name: '概况' }).waitFor();
  }

  /** Signs in again, at the page that says that nobody is. */
  async signsIn(): Promise<void> {
    await this.button('用通行密钥登录').click();
    await this.page.getByText('终端').first().waitFor();
    await this.button('用通行密钥登录').click();
    await this.page.getByRole('heading', { name: '概况' }).waitFor();
  }

  /** The row of a table that is about something. */
  row(about: string) {
    return this.page.getByRole('row').filter({ hasText: about });
  }
}
