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

/** One sign-in that waits for a passkey, as the issuer has it for this browser. */
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
