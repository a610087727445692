import { deepStrictEqual } from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { type CityDoor, done, type Holder, type Town } from '../support/town.js';
import { HallPage } from './hall.js';

const atHall = { name: '一楼3号终端', department: '人社', window: 'hall-1-03', town: '示例镇' };

/** A clerk at a window: what one does with keyboard and eyes, and no more. */
export class ClerkAtWindow {
  /** The OAuth client that the page became. */
  client = '';

  private constructor(
    private readonly town: Town<CityDoor>,
    readonly hall: HallPage,
  ) {}

  get page(): Page {
    return this.hall.page;
  }

  /** A browser that is no terminal yet, at the window's address. */
  static async arrive(
    town: Town<CityDoor>,
    browser: Browser,
    prepare: (hall: HallPage) => Promise<void> = () => Promise.resolve(),
  ): Promise<ClerkAtWindow> {
    const hall = await HallPage.open(browser);
    await prepare(hall);
    await hall.page.goto(`${town.url}/window`);
    await hall.page.locator('.enrol dd').first().waitFor();
    return new ClerkAtWindow(town, hall);
  }

  /** What an administrator does with what the page shows. */
  async enrol(at = atHall): Promise<void> {
    const shown = await this.page.locator('.enrol dd').allInnerTexts();
    const [handle = '', check = ''] = shown.map((text) => text.replace(/\s/g, ''));
    const { admin } = this.town.city;
    const path = `/v1/terminal-offers/${handle}`;
    deepStrictEqual(done(await admin.get(path)).check, check);
    const signed = this.page.waitForResponse(`${this.town.url}/v1/terminal-offers/proof`);
    done(await admin.post(`${path}/details`, at));
    await signed;
    const { jwk, proof } = done(await admin.get(path));
    const details = { kind: 'terminal', signIn: 'client', ...at, keys: [{ jwk, proof }] };
    this.client = done(await admin.post('/v1/clients', details)).client;
    await this.sees('按 F2 开始新办件');
  }

  button(label: string | RegExp) {
    return this.page.getByRole('button', { name: label });
  }

  /** Waits until the text is there. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  press(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  /** A matter by its code, from the keyboard. */
  async choose(code: string): Promise<void> {
    await this.press('F2');
    // As fast as one who knows the code: before the city has answered.
    await this.page.keyboard.type(code);
    await this.press('ArrowDown');
    await this.press('Enter');
    await this.page.locator('.case-head', { hasText: code }).waitFor();
  }

  /** As a hand scanner does: the text, and Enter. */
  async types(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    await this.press('Enter');
  }

  /**
   * 灵活就业人员参保登记 for a holder whose number is typed, asked for.
   * @returns the consent that waits
   */
  async asks(holder: Holder): Promise<{ readonly consent: string; readonly digits: string }> {
    await this.choose('SX0001');
    await this.types(holder.number);
    await this.button('请求同意').waitFor();
    await this.press('F4');
    const digits = await this.page.locator('.number').innerText();
    return { consent: await this.waitingAt(holder), digits };
  }

  /** The id of the request that waits at the phone. */
  async waitingAt({ phone }: Holder): Promise<string> {
    const { consents } = done(await phone.get('/v1/phone/consents')) as {
      consents: { consent: string; state: string }[];
    };
    return consents.find(({ state }) => state === 'waiting')!.consent;
  }

  /** Ends the case, whatever its state. */
  async closes(): Promise<void> {
    await this.press('F9');
    await this.page.getByRole('dialog').waitFor();
    await this.press('Enter');
    await this.sees('已办结');
  }
}
