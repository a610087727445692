import { type Trouble, troubleOf } from '../shared/trouble.ts';

/** The terminal for which an operator signs in. */
export interface Terminal {
  readonly name: string;
  readonly department: string;
  readonly window: string | null;
}

/** Thrown with what the page shows. */
export class SignInFailed extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.code);
  }
}

/** What came back from the operators' issuer, in the address. */
export interface AccountAnswer {
  readonly state: string;
  readonly code: string | null;
  readonly iss: string | null;
  readonly error: string | null;
}

/** Either where the browser goes on, or what the ledger needs to bind the account. */
export type AccountProved =
  | { readonly returnTo: string; readonly statement?: never }
  | { readonly statement: string; readonly returnTo?: never };

/** One sign-in that waits for an operator, as the issuer has it for this browser. */
export class Interaction {
  readonly #base: string;

  constructor(uid: string) {
    this.#base = `/identity/interaction/${encodeURIComponent(uid)}`;
  }

  /** @throws SignInFailed */
  async terminal(): Promise<Terminal> {
    return (await this.#call<{ terminal: Terminal }>('state')).terminal;
  }

  /** @throws SignInFailed */
  async challenge<Options>(): Promise<Options> {
    return (await this.#call<{ publicKey: Options }>('challenge', {})).publicKey;
  }

  /** @returns where the browser goes on. @throws SignInFailed */
  async prove(credential: object): Promise<string> {
    return (await this.#call<{ returnTo: string }>('assertion', { credential })).returnTo;
  }

  /**
   * @param invitation that the operator opened
   * @returns where the operator signs in. @throws SignInFailed
   */
  async account(invitation: string | null): Promise<string> {
    const body = invitation === null ? {} : { invitation };
    return (await this.#call<{ location: string }>('account', body)).location;
  }

  /** @throws SignInFailed */
  answer(answer: AccountAnswer): Promise<AccountProved> {
    return this.#call('answer', answer);
  }

  /** Once the account is bound. @returns where the browser goes on. @throws SignInFailed */
  async bound(): Promise<string> {
    return (await this.#call<{ returnTo: string }>('bound', {})).returnTo;
  }

  /** @returns where the browser goes on. @throws SignInFailed */
  async cancel(): Promise<string> {
    return (await this.#call<{ returnTo: string }>('cancel', {})).returnTo;
  }

  async #call<Answer>(step: string, body?: object): Promise<Answer> {
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${this.#base}/${step}`, {
        ...(body === undefined
          ? {}
          : {
              method: 'POST',
              body: JSON.stringify(body),
              headers: { 'content-type': 'application/json' },
            }),
      });
      answer = await response.json();
    } catch {
      throw new SignInFailed(troubleOf(null));
    }
    if (!response.ok) throw new SignInFailed(troubleOf(answer));
    return answer as Answer;
  }
}
