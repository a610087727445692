import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
} from '@simplewebauthn/server';
import type { Instant } from '#libs/kernel';
import { keyDigits } from '#libs/verify';
import {
  type AuthenticatorAnswer,
  type HolderPasskey,
  HolderPasskeyInvalid,
  HolderPasskeys,
} from '../../holder-passkeys.js';
import { readPublicKey } from '../../jwk.js';
import { challengeIn, registered, transportsIn } from './answers.js';
import { challengeHolds, type PasskeyChallenges } from './challenges.js';
import { coseAlgorithms, jwkOf } from './cose.js';
import type { FixedRelyingParty, RelyingParty } from './relying-party.js';

const algorithms = [coseAlgorithms.ES256, coseAlgorithms.EdDSA];

/** The name in the authenticator is the phone's six digits, and no person's. */
export class WebAuthnHolderPasskeys extends HolderPasskeys {
  constructor(
    private readonly challenges: PasskeyChallenges,
    private readonly party: FixedRelyingParty,
    private readonly names: RelyingParty,
  ) {
    super();
  }

  async creation(
    phone: string,
    there: readonly string[],
    now: Instant,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const name = `免证 ${keyDigits('phone', phone)}`;
    const options = await generateRegistrationOptions({
      rpName: '免证 mianzheng',
      rpID: this.names.id,
      userName: name,
      userDisplayName: name,
      // Of its own for each phone: a passkey of another phone that is kept in several places stays.
      userID: new Uint8Array(Buffer.from(phone, 'base64url')),
      timeout: challengeHolds * 1000,
      attestationType: 'none',
      excludeCredentials: there.map((id) => ({ id })),
      authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
      supportedAlgorithmIDs: algorithms,
    });
    await this.challenges.put(madeBy(phone), options.challenge, now);
    return options;
  }

  async created(phone: string, answer: AuthenticatorAnswer, now: Instant): Promise<HolderPasskey> {
    await this.challenges.use(madeBy(phone), challengeIn(answer), now);
    const { credential, credentialBackedUp } = await registered(answer, this.names);
    const jwk = jwkOf(credential.publicKey);
    if (jwk['kty'] === 'RSA')
      throw new HolderPasskeyInvalid(
        'holder_passkey_algorithm_unsupported',
        'the passkey signs by another algorithm than ES256 or EdDSA',
      );
    await this.party.fix();
    return {
      jkt: readPublicKey(jwk).jkt,
      jwk,
      credential: credential.id,
      rpId: this.names.id,
      transports: transportsIn(credential.transports),
      backedUp: credentialBackedUp,
    };
  }
}

const madeBy = (phone: string): string => `phone/${phone}`;
