import {
  type RegistrationResponseJSON,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers';
import { fromBase64url, isObject, parseJson, ProductError } from '#libs/kernel';
import type { AuthenticatorAnswer } from '../../holder-passkeys.js';
import { OperatorInvalid, PasskeyRefused } from '../operators.errors.js';
import { coseAlgorithms, isAnswer } from './cose.js';
import type { RelyingParty } from './relying-party.js';

type Registered = Extract<VerifiedRegistrationResponse, { verified: true }>['registrationInfo'];

/**
 * A new passkey by the answer to its creation: its challenge, origin, RP ID and user verification
 * hold. No attestation is asked for or read. @throws PasskeyRefused, OperatorInvalid
 */
export async function registered(
  answer: AuthenticatorAnswer,
  party: RelyingParty,
): Promise<Registered> {
  const { verified, registrationInfo } = await checked(() =>
    verifyRegistrationResponse({
      response: withoutAttestation(answer) as unknown as RegistrationResponseJSON,
      expectedChallenge: challengeIn(answer),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: Object.values(coseAlgorithms),
    }),
  );
  if (!verified) throw notVerified();
  return registrationInfo;
}

/** Section 5.8.4, and `cable`, as `hybrid` was called before. */
const transports = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal', 'cable'];

/** Hints for the next use: what is not known here is left out. */
export const transportsIn = (told: readonly string[] | undefined): readonly string[] =>
  transports.filter((one) => told?.includes(one));

export async function checked<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (cause) {
    if (cause instanceof ProductError) throw cause;
    throw notVerified(cause);
  }
}

/**
 * The same answer with the attestation statement `none` (section 8.7). None is asked for, and none
 * may be read: the library fetches whatever address a statement's own certificates name for their
 * revocation list.
 */
function withoutAttestation(answer: AuthenticatorAnswer): AuthenticatorAnswer {
  const { response } = answer;
  const told = isObject(response) ? response['attestationObject'] : null;
  const bytes = typeof told === 'string' ? fromBase64url(told) : null;
  if (!isObject(response) || bytes === null) throw malformed();
  const none = isoCBOR.encode(
    new Map<string, string | Map<string, string> | Uint8Array<ArrayBuffer>>([
      ['fmt', 'none'],
      ['attStmt', new Map<string, string>()],
      ['authData', decodeAttestationObject(new Uint8Array(bytes)).get('authData')],
    ]),
  );
  const attestationObject = Buffer.from(none).toString('base64url');
  return { ...answer, response: { ...response, attestationObject } };
}

export const notVerified = (cause?: unknown) =>
  new PasskeyRefused(
    'passkey_not_verified',
    'signature, origin, relying party or user verification of the passkey do not hold',
    {},
    { cause, hint: 'Begin again, at the address under which the passkey was made.' },
  );

/** The challenge that an answer names: compared with the one that was given. */
export function challengeIn(answer: AuthenticatorAnswer): string {
  const response = isAnswer(answer) ? answer['response'] : null;
  const told = isObject(response) ? response['clientDataJSON'] : null;
  const bytes = typeof told === 'string' ? fromBase64url(told) : null;
  if (bytes === null) throw malformed();
  let data: unknown;
  try {
    data = parseJson(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw malformed(cause);
  }
  const challenge = isObject(data) ? data['challenge'] : null;
  if (typeof challenge !== 'string') throw malformed();
  return challenge;
}

export const malformed = (cause?: unknown) =>
  new OperatorInvalid(
    'passkey_malformed',
    "what was sent is not an authenticator's answer",
    {},
    { cause },
  );
