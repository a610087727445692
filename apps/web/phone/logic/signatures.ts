import { base64url, fromHex, utf8Bytes } from '#libs/kernel';
import { isStrictSignature, type VerifyEd25519 } from '#libs/log';

/** By the rule of `verifyEd25519`. */
export type JudgeSignature = (...given: Parameters<VerifyEd25519>) => Promise<boolean>;

/** Whatever the browser refuses to do is no signature. */
export const byBrowser: JudgeSignature = async (signature, message, publicKey) => {
  if (!isStrictSignature(signature, publicKey)) return false;
  try {
    const raw = Uint8Array.from(publicKey);
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    const [signed, over] = [Uint8Array.from(signature), Uint8Array.from(message)];
    return await crypto.subtle.verify('Ed25519', key, signed, over);
  } catch {
    return false;
  }
};

const bytes = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array();

/** RFC 8032, section 7.1, test 2. */
const honest = {
  key: bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  message: bytes('72'),
  signature: bytes(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ),
};
/** Holds multiplied by the cofactor alone: the key has a component of order 8. */
const cofactored = {
  key: bytes('198773707e3d41463c9565bb67e93401cb40bb9d2457db6ebaf5294c13c2d1df'),
  message: new Uint8Array(),
  signature: bytes(
    'e461a55e78ad5a47818e59838a7dd388e9093279c7262ec252e80c611227ab0c' +
      '4dc4760a4c4a27e63700ca34a200b736ba52e7ffe7fbf6dac47d9c503e3c860d',
  ),
};

/** Whether a browser has Ed25519, and decides by the strict rule where implementations differ. */
const isStrict = async (judge: JudgeSignature): Promise<boolean> =>
  (await judge(honest.signature, honest.message, honest.key)) &&
  !(await judge(honest.signature, utf8Bytes('another'), honest.key)) &&
  !(await judge(cofactored.signature, cofactored.message, cofactored.key));

/** The browser's own Ed25519; code of 14 KB where it has none, or one that is not strict. */
export async function signatureJudge(): Promise<JudgeSignature> {
  if (await isStrict(byBrowser)) return byBrowser;
  const { verifyEd25519 } = await import('#libs/log/portable');
  return (...given) => Promise.resolve(verifyEd25519(...given));
}

/**
 * Runs a check that asks for signatures at once, with verdicts that come later: a signature that is
 * not judged yet is refused, and the check is run again until it asks for none of those. It must
 * have no effect but its result.
 */
export async function withVerdicts<Result>(
  check: (verify: VerifyEd25519) => Result,
): Promise<Result> {
  const judge = await signatureJudge();
  const verdicts = new Map<string, boolean>();
  for (;;) {
    const asked = new Map<string, Parameters<VerifyEd25519>>();
    const verify: VerifyEd25519 = (...given) => {
      const name = given.map(base64url).join('.');
      const verdict = verdicts.get(name);
      if (verdict === undefined) asked.set(name, given);
      return verdict ?? false;
    };
    let found: () => Result;
    try {
      const result = check(verify);
      found = () => result;
    } catch (error) {
      found = () => {
        throw error;
      };
    }
    if (asked.size === 0) return found();
    for (const [name, given] of asked) verdicts.set(name, await judge(...given));
  }
}
