import { signStatement } from '#libs/api-client';
import { base64url, utf8Bytes } from '#libs/kernel';
import { newKey, open } from '../city.ts';
import type { Press } from '../logic/press.ts';

const sha256 = async (text: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8Bytes(text))));

/**
 * Makes a key and offers it with the code of the window.
 * @throws RequestFailed, KeyRefused
 */
export async function offerKey(press: Press, code: string): Promise<void> {
  const body = await press.body(async () => {
    const key = await newKey();
    const proof = await signStatement(key, 'phone-key+jws', {
      codeHash: await sha256(code),
      jkt: key.jkt,
      iat: Math.floor(Date.now() / 1000),
    });
    return { code, jwk: { ...key.publicJwk }, proof };
  });
  await press.send(open.POST('/v1/enrolments/offer', { params: { header: press.header }, body }));
}
