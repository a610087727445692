import { randomBytes } from 'node:crypto';
import type { LedgerClient } from '#libs/api-client';
import { handleOfInvitation } from '#libs/identity';
import { answered, answeredOrNone, command } from './answered.js';

/** A window of the hall; the browser that comes with its link becomes a terminal of it. */
export interface HallWindow {
  readonly department: string;
  readonly name: string;
  readonly window: string;
  readonly town: string;
}

export const hallWindows: readonly [HallWindow, ...HallWindow[]] = [
  { department: '人社', name: '示例人社窗口', window: 'hall-1-01', town: '示例镇' },
  { department: '公安', name: '示例公安窗口', window: 'hall-1-02', town: '示例镇' },
  { department: '民政', name: '示例民政窗口', window: 'hall-1-03', town: '示例镇' },
  { department: '市场监管', name: '示例市场监管窗口', window: 'hall-1-04', town: '示例镇' },
];

/**
 * A one-time link to a window, as an administrator would send it to the browser on its desk, with
 * the invitation of its clerk: in a trial it signs the clerk in.
 */
export class WindowLink {
  readonly #invitation = randomBytes(16).toString('base64url');
  #isUsed = false;

  private constructor(
    private readonly url: string,
    private readonly administrator: LedgerClient,
    readonly is: HallWindow,
    private readonly operator: string,
  ) {}

  static async open(url: string, administrator: LedgerClient, is: HallWindow): Promise<WindowLink> {
    const { department } = is;
    const { invitation } = await answered(
      administrator.POST('/v1/operators', {
        params: command(),
        body: { name: '示例·经办', department, roles: ['clerk'] },
      }),
    );
    return new WindowLink(url, administrator, is, invitation);
  }

  get href(): string {
    return `${this.url}/window#invitation=${this.#invitation}&operator=${this.operator}`;
  }

  get isUsed(): boolean {
    return this.#isUsed;
  }

  /**
   * One look at whether a browser came with the link: what it offers is described, and registered
   * once its key has signed that.
   * @returns whether it has become a terminal now
   */
  async look(): Promise<boolean> {
    if (this.#isUsed) return false;
    const path = { handle: handleOfInvitation(this.#invitation) };
    const offer = await answeredOrNone(
      this.administrator.GET('/v1/terminal-offers/{handle}', { params: { path } }),
    );
    if (offer === null) return false;
    if (offer.state === 'waiting')
      await answered(
        this.administrator.POST('/v1/terminal-offers/{handle}/details', {
          params: { ...command(), path },
          body: { ...this.is },
        }),
      );
    if (offer.state === 'proved' && offer.proof !== null) {
      const keys = [{ jwk: offer.jwk, proof: offer.proof }];
      await answered(
        this.administrator.POST('/v1/clients', {
          params: command(),
          body: { kind: 'terminal', ...this.is, keys },
        }),
      );
      this.#isUsed = true;
    }
    return this.#isUsed;
  }
}
