import type { LedgerClient } from '#libs/api-client';
import type { OwnClient } from './clients.js';
import { PhoneLink, type PhoneSeen } from './phone-link.js';
import type { Person } from './population/people.js';
import { type HallWindow, hallWindows, WindowLink } from './window-link.js';

/** Something that happened at a link. */
export type Seen =
  | { readonly is: 'window'; readonly window: HallWindow }
  | { readonly is: 'phone'; readonly holder: Person; readonly seen: PhoneSeen };

/** The links that are open now, and what comes of them. */
export class Hall {
  #windows: readonly WindowLink[] = [];
  #phones: readonly PhoneLink[] = [];

  constructor(
    private readonly url: string,
    private readonly administrator: LedgerClient,
    private readonly reception: OwnClient,
    private readonly holders: readonly Person[],
  ) {}

  get windows(): readonly WindowLink[] {
    return this.#windows;
  }

  get phones(): readonly PhoneLink[] {
    return this.#phones;
  }

  /** Makes links where there are none, or none that still opens something. */
  async renew(): Promise<void> {
    const windows: WindowLink[] = [];
    for (const [n, is] of hallWindows.entries()) {
      const there = this.#windows[n];
      windows.push(
        there?.isUsed === false ? there : await WindowLink.open(this.url, this.administrator, is),
      );
    }
    this.#windows = windows;
    const phones: PhoneLink[] = [];
    for (const [n, holder] of this.holders.entries()) {
      const there = this.#phones[n];
      phones.push(
        there?.isOpen === true ? there : await PhoneLink.open(this.url, this.reception, holder),
      );
    }
    this.#phones = phones;
  }

  /** One look at every link; what is new, in their order. */
  async look(): Promise<readonly Seen[]> {
    const found: Seen[] = [];
    for (const link of this.#windows)
      if (await link.look()) found.push({ is: 'window', window: link.is });
    for (const link of this.#phones) {
      const seen = await link.look();
      if (seen.is !== 'nothing-new') found.push({ is: 'phone', holder: link.holder, seen });
    }
    return found;
  }
}
