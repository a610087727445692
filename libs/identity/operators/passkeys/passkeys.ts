import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type pg from 'pg';
import { fromBase64url, type Instant, isObject } from '#libs/kernel';
import { sampleAaguid } from '#libs/log';
import type { AuthenticatorAnswer } from '../../holder-passkeys.js';
import type { Passkey } from '../operators.decider.js';
import { sampleTransport } from '../operators.events.js';
import { PasskeyRefused } from '../operators.errors.js';
import type { KnownOperator, OperatorDirectory } from '../operator-directory.js';
import {
  challengeIn,
  checked,
  malformed,
  notVerified,
  registered,
  transportsIn,
} from './answers.js';
import { type PasskeyChallenges, challengeHolds } from './challenges.js';
import { coseAlgorithms, coseOf, jwkOf } from './cose.js';
import type { RelyingParty } from './relying-party.js';

/**
 * Passkeys of operators (Web Authentication Level 3): made by invitation, and proved at a sign-in.
 * The user must be verified, the key must be found without a name being typed, and its user handle
 * is the operator's id.
 */
export class Passkeys {
  constructor(
    private readonly pool: pg.Pool,
    private readonly challenges: PasskeyChallenges,
    private readonly operators: OperatorDirectory,
    private readonly party: RelyingParty,
  ) {}

  /** What a browser needs to make one. @param of what the answer will be for */
  async creation(
    of: string,
    { operator, name }: { readonly operator: string; readonly name: string },
    now: Instant,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options = await generateRegistrationOptions({
      rpName: '免证 mianzheng',
      rpID: this.party.id,
      userName: name,
      userDisplayName: name,
      userID: new TextEncoder().encode(operator),
      timeout: challengeHolds * 1000,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: Object.values(coseAlgorithms),
    });
    await this.challenges.put(of, options.challenge, now);
    return options;
  }

  /** @throws PasskeyRefused, OperatorInvalid, KeyRefused */
  async created(
    of: string,
    operator: string,
    answer: AuthenticatorAnswer,
    now: Instant,
  ): Promise<Passkey> {
    await this.challenges.use(of, challengeIn(answer), now);
    const { aaguid, credential, credentialBackedUp } = await registered(answer, this.party);
    const isSample = aaguid === sampleAaguid;
    if (isSample && !this.party.takesSamples)
      throw new PasskeyRefused(
        'passkey_sample_refused',
        'the sample passkey works in a trial on its own machine alone',
        {},
        { hint: 'Make a passkey with an authenticator of the machine, a phone or a security key.' },
      );
    await this.#count(credential.id, operator, credential.counter);
    return {
      credential: credential.id,
      jwk: jwkOf(credential.publicKey),
      transports: isSample ? [sampleTransport] : transportsIn(credential.transports),
      backedUp: credentialBackedUp,
    };
  }

  /** What a browser needs to prove one. No key is named: the operator chooses. */
  async request(of: string, now: Instant): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const options = await generateAuthenticationOptions({
      rpID: this.party.id,
      timeout: challengeHolds * 1000,
      userVerification: 'required',
    });
    await this.challenges.put(of, options.challenge, now);
    return options;
  }

  /** The enabled operator who proved the own passkey. @throws PasskeyRefused, OperatorInvalid */
  async proved(of: string, answer: AuthenticatorAnswer, now: Instant): Promise<KnownOperator> {
    await this.challenges.use(of, challengeIn(answer), now);
    const operator = operatorIn(answer);
    // Nothing that rests on a second ago lets anybody in.
    this.operators.forget(operator);
    const found = await this.operators.find(operator);
    const passkey = found?.passkey;
    if (found?.enabled !== true || passkey == null || passkey.credential !== answer['id'])
      throw new PasskeyRefused(
        'passkey_unknown',
        'no operator who may sign in has this passkey now',
        {},
        { hint: 'Ask an administrator, who may have invited you anew or disabled you.' },
      );
    const { verified, authenticationInfo } = await checked(() =>
      verifyAuthenticationResponse({
        response: answer as unknown as AuthenticationResponseJSON,
        expectedChallenge: challengeIn(answer),
        expectedOrigin: this.party.origin,
        expectedRPID: this.party.id,
        requireUserVerification: true,
        // The counter is compared where it is kept, by one statement.
        credential: { id: passkey.credential, publicKey: coseOf(passkey.jwk), counter: 0 },
      }),
    );
    if (!verified) throw notVerified();
    await this.#count(passkey.credential, operator, authenticationInfo.newCounter);
    return found;
  }

  /**
   * Section 6.1.1 of Web Authentication: a counter that does not grow speaks for a copy. Many
   * authenticators always say 0. @throws PasskeyRefused
   */
  async #count(credential: string, operator: string, counter: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `INSERT INTO operator_passkey AS p (credential, operator, sign_count) VALUES ($1, $2, $3)
       ON CONFLICT (credential) DO UPDATE SET sign_count = excluded.sign_count
       WHERE p.operator = excluded.operator
         AND (p.sign_count < excluded.sign_count OR (p.sign_count = 0 AND excluded.sign_count = 0))`,
      [credential, operator, counter],
    );
    if (rowCount === 0)
      throw new PasskeyRefused(
        'passkey_counter_behind',
        'the counter of the passkey did not grow: it may have been copied',
        { operator },
        { hint: 'Have an administrator invite the operator again.' },
      );
  }
}

function operatorIn(answer: AuthenticatorAnswer): string {
  const { response } = answer;
  const handle = isObject(response) ? response['userHandle'] : null;
  const bytes = typeof handle === 'string' ? fromBase64url(handle) : null;
  const operator = bytes === null ? '' : Buffer.from(bytes).toString('latin1');
  if (!/^[\w-]{22}$/.test(operator)) throw malformed();
  return operator;
}
