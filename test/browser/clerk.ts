/* eslint-disable @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import type { Browser } from 'playwright-core';
import { inventedResidentId } from '../support/authority.js';
import { type CityDoor, done, epochNow, type Town } from '../support/town.js';
import { PhonePage } from './phone-page.js';

/** A request as the window that asked knows it. */
export interface AskedAtWindow {
  readonly consent: string;
  /** The two digits that the window shows. */
  readonly digits: string;
  /** Path of the consent at the window. */
  readonly at: string;
}

/** What is typed in the place of a code. */
type Typed = Readonly<Record<'handle' | 'digits', string>>;

/** What the window does for one person while a phone is tried: over HTTP, without a page. */
export class Clerk {
  readonly number = inventedResidentId();

  constructor(private readonly town: Town<CityDoor>) {}

  get #identifier() {
    return { kind: '111', number: this.number };
  }

  /** Checks the person and gets a code for the phone. */
  async opens(): Promise<{ enrolment: string; code: string; typed: Typed; subject: string }> {
    const { terminal } = this.town;
    const identifier = this.#identifier;
    const { subject } = done(
      await terminal.post('/v1/subjects/identify', { identifier, basis: 'document' }),
    );
    const { enrolment, code, typed } = done(await terminal.post('/v1/enrolments', { identifier }));
    return { enrolment, code, typed, subject };
  }

  /** Compares the digits and confirms. */
  async confirms(enrolment: string, subject: string): Promise<void> {
    const { terminal } = this.town;
    const { jkt } = done(await terminal.get(`/v1/enrolments/${enrolment}`));
    const statement = terminal.key.sign(
      { typ: 'enrolment+jws', kid: terminal.key.jkt },
      { sub: subject, enrolment, jkt, iat: epochNow() },
    );
    done(await terminal.post(`/v1/enrolments/${enrolment}/confirm`, { statement }));
  }

  async asks(materials = ['ZZ001']): Promise<AskedAtWindow> {
    const { case: atCase } = done(await this.town.openCase(this.number));
    const { consent, number } = done(await this.town.ask(atCase, materials));
    return { consent, digits: number, at: `/v1/cases/${atCase}/consents/${consent}` };
  }

  async stateOf({ at }: AskedAtWindow): Promise<string> {
    return done(await this.town.terminal.get(at)).state;
  }

  /** A phone's page, enrolled for the person. */
  async enrolledPhone(
    browser: Browser,
    opening: Parameters<typeof PhonePage.open>[2] = {},
  ): Promise<PhonePage> {
    const { enrolment, code, subject } = await this.opens();
    const phone = await PhonePage.open(browser, this.town.url, {
      ...opening,
      fragment: `#code=${code}`,
    });
    await phone.button('登记').click();
    await phone.sees('请工作人员确认');
    await this.confirms(enrolment, subject);
    await phone.sees('没有待办的授权请求');
    return phone;
  }

  static otherDigits(digits: string): string {
    return String((Number(digits) + 1) % 1e8).padStart(8, '0');
  }

  static wrongDigits(digits: string): string {
    return String((Number(digits) + 1) % 100).padStart(2, '0');
  }
}
