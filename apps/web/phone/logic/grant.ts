import { type ApiKey, type Schemas, signCompact } from '#libs/api-client';
import { canonicalize, utf8Bytes } from '#libs/kernel';
import { grantChallenge, grantType } from '#libs/verify';
import { noticeHash } from './notice.ts';

type Consent = Schemas['HolderConsentDto'];

/** The text that came with a request is not the text whose hash the city names. */
export class TextDiffers extends Error {
  readonly code = 'text_differs';
}

/** What a yes is to. @throws TextDiffers */
async function termsOf(consent: Consent, digits: string | null) {
  const computed = await noticeHash(consent);
  if (computed !== consent.notice.hash) throw new TextDiffers();
  return {
    capacity: 'self',
    case: consent.case,
    consent: consent.consent,
    digits,
    noticeHash: computed,
  };
}

/**
 * The holder's signed yes to exactly the text that the page shows.
 * @param digits of the window's number; null where none are asked
 * @throws TextDiffers
 */
export async function signGrant(
  key: ApiKey,
  consent: Consent,
  digits: string | null,
  now: number,
): Promise<string> {
  const payload = {
    ...(await termsOf(consent, digits)),
    answer: 'grant',
    iat: Math.floor(now / 1000),
  };
  const header = { typ: grantType, kid: key.jkt };
  return signCompact(key, header, utf8Bytes(canonicalize(payload)));
}

/** What a passkey signs for the same. @throws TextDiffers */
export const challengeOf = async (consent: Consent, digits: string | null): Promise<string> =>
  grantChallenge(await termsOf(consent, digits));
