import { newCommand, signStatement } from '#libs/api-client';
import { base64url, utf8Bytes } from '#libs/kernel';
import { newKey, open, wipeKey } from '../city.ts';
import type { Press } from '../logic/press.ts';
import { answered } from '../../shared/trouble.ts';
import type { EnrolmentEntry } from './code.ts';

const sha256 = async (text: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8Bytes(text))));

/** What was typed stands for a code: each press is one of five tries. @throws RequestFailed */
async function codeOf({ handle, digits }: Extract<EnrolmentEntry, { is: 'typed' }>) {
  const { code } = await answered(
    open.POST('/v1/enrolments/typed', {
      params: { header: newCommand() },
      body: { handle, digits },
    }),
  );
  return code;
}

/**
 * Makes a key and offers it with the code of the window.
 * @throws RequestFailed, KeyRefused
 */
export async function offerKey(press: Press, entry: EnrolmentEntry): Promise<void> {
  const { key, body } = await press.body(async () => {
    const code = entry.is === 'code' ? entry.code : await codeOf(entry);
    const key = await newKey();
    const proof = await signStatement(key, 'phone-key+jws', {
      codeHash: await sha256(code),
      jkt: key.jkt,
      iat: Math.floor(Date.now() / 1000),
    });
    return { key, body: { code, jwk: { ...key.publicJwk }, proof } };
  });
  try {
    await press.send(open.POST('/v1/enrolments/offer', { params: { header: press.header }, body }));
  } catch (error) {
    // Digits of a key that the city refused must never be shown to be compared.
    if (press.isAnswered) await wipeKey(key);
    throw error;
  }
}
