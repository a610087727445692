import {
  type PublicKeyCredentialCreationOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { jwkThumbprint, newCommand, type Schemas, signStatement } from '#libs/api-client';
import { fromBase64url } from '#libs/kernel';
import { answered } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import { challengeOf } from '../logic/grant.ts';
import { PasskeyFailed, passkeyFailure } from './failure.ts';
import type { OwnPasskey } from './own.ts';

/* What talks to an authenticator; loaded where there is something to say to one. */

/**
 * Makes a passkey beside this phone's key, which signs for it.
 * @throws PasskeyFailed, RequestFailed
 */
export async function makePasskey({ api, key }: Phone): Promise<void> {
  const header = newCommand();
  const { publicKey } = await answered(
    api.POST('/v1/phone/passkeys/options', { params: { header } }),
  );
  const optionsJSON = publicKey as unknown as PublicKeyCredentialCreationOptionsJSON;
  const credential = await startRegistration({ optionsJSON }).catch((thrown: unknown) => {
    throw passkeyFailure(thrown);
  });
  const statement = await signStatement(key, 'passkey+jws', {
    credential: credential.id,
    jkt: await thumbprintOfSpki(credential.response.publicKey),
    rpId: optionsJSON.rp.id ?? location.hostname,
    iat: Math.floor(Date.now() / 1000),
  });
  const body = { credential: { ...credential }, statement };
  await answered(api.POST('/v1/phone/passkeys', { params: { header: newCommand() }, body }));
}

/** RFC 7638, of a key as the browser gives it. @throws PasskeyFailed where it gives none */
async function thumbprintOfSpki(told: string | undefined): Promise<string> {
  const spki = told === undefined ? null : fromBase64url(told);
  for (const algorithm of [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'Ed25519' }])
    try {
      const bytes = new Uint8Array(spki ?? []);
      const key = await crypto.subtle.importKey('spki', bytes, algorithm, true, ['verify']);
      return await jwkThumbprint(await crypto.subtle.exportKey('jwk', key));
    } catch {
      // Of another kind.
    }
  throw new PasskeyFailed('elsewhere');
}

/** A yes by one of the phone's passkeys. @throws PasskeyFailed, TextDiffers */
export async function answerWithPasskey(
  passkeys: readonly OwnPasskey[],
  consent: Schemas['HolderConsentDto'],
  digits: string | null,
): Promise<Schemas['PasskeyGrantDto']> {
  const optionsJSON = {
    challenge: await challengeOf(consent, digits),
    rpId: passkeys[0]?.rpId ?? location.hostname,
    userVerification: 'required' as const,
    timeout: 120_000,
    allowCredentials: passkeys.map(({ credential: id, transports }) => ({
      id,
      type: 'public-key' as const,
      transports: [...transports] as AuthenticatorTransport[],
    })),
  };
  const { id, response } = await startAuthentication({ optionsJSON }).catch((thrown: unknown) => {
    throw passkeyFailure(thrown);
  });
  const { authenticatorData, clientDataJSON, signature } = response;
  return { credentialId: id, authenticatorData, clientDataJSON, signature, digits };
}
