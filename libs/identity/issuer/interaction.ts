import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import { AbsentError, type Clock, isObject, parseJson, RefusedError } from '#libs/kernel';
import { InvalidError, ProductError } from '#libs/kernel';
import { problemOf } from '#libs/platform';
import type { ClientDirectory } from '../caller.js';
import { accountOf } from '../operators/operator-directory.js';
import { OperatorRefused } from '../operators/operators.errors.js';
import type { Passkeys } from '../operators/passkeys/passkeys.js';
import type { KnownOperator } from '../operators/operator-directory.js';
import { maySignIn } from '../operators/standing.js';
import type { AccountSignIn } from './account-sign-in.js';
import type { TokenRefusal } from './refusals.js';
import { passkeyContext, passkeyMethods } from './sign-in.js';

/** Not begun in this browser, expired, or finished: which of them is not said. */
export class SignInAbsent extends AbsentError<'sign_in_expired'> {}
export class SignInRefused extends RefusedError<'sign_in_from_elsewhere'> {}
export class SignInInvalid extends InvalidError<'sign_in_malformed'> {}

export interface InteractionOptions {
  readonly clock: Clock;
  readonly clients: ClientDirectory;
  readonly passkeys: Passkeys;
  /** Null where operators sign in by passkey alone. */
  readonly accounts: AccountSignIn | null;
  /** The origin of the pages. */
  readonly audience: string;
  readonly onFault?: (error: Error) => void;
  readonly onRefused?: (refusal: TokenRefusal) => void;
}

/** What the page shows while it waits for an operator. */
interface SignInView {
  readonly terminal: { readonly name: string; readonly department: string; window: string | null };
  readonly expires: string;
}

const path =
  /^\/interaction\/([\w-]{1,64})(?:\/(state|challenge|assertion|account|answer|bound|cancel))?$/;

/** What the page sends with these; the others have nothing to say. */
const withBody = new Set(['assertion', 'account', 'answer']);
/** Steps of a sign-in at the operators' issuer. */
const elsewhere = new Set(['account', 'answer', 'bound']);

/**
 * The sign-in page's routes, below the issuer's own path. A cookie of that path binds them to the
 * browser that began: other browsers with the address get nothing.
 */
export class SignInInteraction {
  constructor(
    private readonly provider: Provider,
    private readonly options: InteractionOptions,
  ) {}

  /** Whether this path is one of these, with this method. */
  takes(below: string, method: string | undefined): boolean {
    const [whole, , step] = path.exec(below) ?? [];
    if (whole === undefined) return false;
    if (this.options.accounts === null && elsewhere.has(step ?? '')) return false;
    return method === (step === undefined || step === 'state' ? 'GET' : 'POST');
  }

  async serve(below: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, uid = '', step] = path.exec(below) ?? [];
    response.setHeader('cache-control', 'no-store');
    if (step === undefined) {
      // The browser itself came: the page reads the rest from here, and the id is in no history.
      const location = `${this.options.audience}/sign-in#interaction=${uid}`;
      response.writeHead(303, { location }).end();
      return;
    }
    let client: string | null = null;
    try {
      if (step !== 'state') this.#mustBeOwnPage(request);
      const interaction = await this.#find(uid, request, response);
      client = String(interaction.params['client_id']);
      const body = withBody.has(step) ? await bodyOf(request) : {};
      answer(response, 200, await this.#do(step, interaction, body));
    } catch (error) {
      const { problem, headers } = problemOf(error, randomBytes(9).toString('base64url'));
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      answer(response, problem.status, problem);
      if (!(error instanceof ProductError)) this.options.onFault?.(error as Error);
      else if (client !== null)
        this.options.onRefused?.({ code: String(error.code), client, error: 'access_denied' });
    }
  }

  async #do(step: string, interaction: Interaction, body: unknown): Promise<object> {
    const { passkeys, accounts, clock } = this.options;
    const of = `sign-in/${interaction.uid}`;
    switch (step) {
      case 'state':
        return this.#view(interaction);
      case 'challenge':
        return { publicKey: await passkeys.request(of, clock.now()) };
      case 'account':
      case 'answer':
      case 'bound':
        if (accounts === null) throw absent();
        return this.#doElsewhere(step, accounts, interaction, body);
      case 'cancel':
        return this.#end(interaction, { error: 'access_denied' });
      default: {
        if (!isObject(body) || !isObject(body['credential'])) throw malformed();
        const operator = await passkeys.proved(of, body['credential'], clock.now());
        if (!maySignIn(operator, accounts?.issuer ?? null))
          throw new OperatorRefused(
            'operator_signs_in_at_issuer',
            'operators sign in at their issuer; a passkey is for administrators alone',
            { operator: operator.operator },
            { hint: 'Have an administrator invite you again, and sign in at the issuer.' },
          );
        return this.#signIn(interaction, operator, {
          amr: [...passkeyMethods],
          acr: passkeyContext,
        });
      }
    }
  }

  /** At the operators' issuer: what a person did there ends here as a passkey's answer does. */
  async #doElsewhere(
    step: string,
    accounts: AccountSignIn,
    interaction: Interaction,
    body: unknown,
  ): Promise<object> {
    const { uid, params } = interaction;
    switch (step) {
      case 'account':
        return { location: await accounts.begin(uid, body) };
      case 'answer': {
        const proved = await accounts.answer(uid, String(params['client_id']), body);
        return 'statement' in proved ? proved : this.#signIn(interaction, proved.operator);
      }
      default:
        return this.#signIn(interaction, await accounts.bound(uid));
    }
  }

  async #signIn(
    interaction: Interaction,
    operator: KnownOperator,
    how: { readonly amr?: string[]; readonly acr?: string } = {},
  ): Promise<object> {
    const { department } = await this.#terminal(interaction);
    if (operator.department !== department)
      throw new OperatorRefused(
        'operator_of_other_department',
        'the operator is of another department than this terminal',
        { operator: operator.operator },
        { hint: 'Use a terminal of your department.' },
      );
    const accountId = accountOf(operator) ?? '';
    return this.#end(interaction, { login: { accountId, remember: false, ...how } });
  }

  async #view(interaction: Interaction): Promise<SignInView> {
    const { name, department, window } = await this.#terminal(interaction);
    return {
      terminal: { name, department, window },
      expires: new Date(interaction.exp * 1000).toISOString(),
    };
  }

  async #terminal({ params }: Interaction) {
    const client = await this.options.clients.find(String(params['client_id']));
    if (client?.enabled !== true) throw absent();
    return client;
  }

  async #end(interaction: Interaction, result: NonNullable<Interaction['result']>) {
    interaction.result = result;
    await interaction.persist();
    return { returnTo: interaction.returnTo };
  }

  async #find(uid: string, request: IncomingMessage, response: ServerResponse) {
    try {
      const found = await this.provider.interactionDetails(request, response);
      if (found.uid === uid) return found;
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
    }
    throw absent();
  }

  /** Beside the cookie, which a page of another site cannot send: `sameSite` of sign-in.ts. */
  #mustBeOwnPage({ headers }: IncomingMessage): void {
    if (
      headers.origin !== this.options.audience ||
      !/^application\/json\b/.test(headers['content-type'] ?? '')
    )
      throw new SignInRefused(
        'sign_in_from_elsewhere',
        'this request does not come from a page of the city',
      );
  }
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

const absent = () =>
  new SignInAbsent(
    'sign_in_expired',
    'no sign-in of this browser waits under this id',
    {},
    { hint: 'Begin again from the page that you want to use.' },
  );

const malformed = (cause?: unknown) =>
  new SignInInvalid('sign_in_malformed', 'the body is not JSON with a credential', {}, { cause });

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return parseJson(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw malformed(cause);
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response
    .writeHead(status, { 'content-type': `${type}; charset=utf-8` })
    .end(JSON.stringify(body));
}
