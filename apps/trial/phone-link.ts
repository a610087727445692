import { type ApiKey, type LedgerClient, signStatement } from '#libs/api-client';
import { answered, command, commandOn } from './answered.js';
import type { Person } from './population/people.js';

/** What a look at a phone's link found. */
export type PhoneSeen =
  { readonly is: 'nothing-new' | 'expired' } | { readonly is: 'enrolled'; readonly check: string };

/** A one-time link to a holder's phone, as a reception hands it out after looking at an ID card. */
export class PhoneLink {
  #state: 'open' | 'used' | 'expired' = 'open';

  private constructor(
    private readonly url: string,
    private readonly reception: { readonly api: LedgerClient; readonly key: ApiKey },
    readonly holder: Person,
    private readonly enrolment: string,
    private readonly code: string,
  ) {}

  static async open(
    url: string,
    reception: { readonly api: LedgerClient; readonly key: ApiKey },
    holder: Person,
  ): Promise<PhoneLink> {
    const identifier = { kind: '111', number: holder.number } as const;
    await answered(
      reception.api.POST('/v1/subjects/identify', {
        params: command(),
        body: { identifier, basis: 'document' },
      }),
    );
    const { enrolment, code } = await answered(
      reception.api.POST('/v1/enrolments', { params: command(), body: { identifier } }),
    );
    return new PhoneLink(url, reception, holder, enrolment, code);
  }

  get href(): string {
    return `${this.url}/phone#code=${this.code}`;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** One look at whether a phone came with the link: its key is then confirmed as the holder's. */
  async look(): Promise<PhoneSeen> {
    if (!this.isOpen) return { is: 'nothing-new' };
    const { api, key } = this.reception;
    const id = this.enrolment;
    const seen = await answered(api.GET('/v1/enrolments/{id}', { params: { path: { id } } }));
    if (seen.state === 'expired') {
      this.#state = 'expired';
      return { is: 'expired' };
    }
    if (seen.state !== 'offered' || seen.jkt === null) return { is: 'nothing-new' };
    const statement = await signStatement(key, 'enrolment+jws', {
      sub: seen.subject,
      enrolment: id,
      jkt: seen.jkt,
      iat: Math.floor(Date.now() / 1000),
    });
    await answered(
      api.POST('/v1/enrolments/{id}/confirm', { params: commandOn({ id }), body: { statement } }),
    );
    this.#state = 'used';
    return { is: 'enrolled', check: seen.check ?? '' };
  }
}
