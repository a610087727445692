import { CompactSign } from 'jose';
import type { ApiKey, Schemas } from '#libs/api-client';
import { canonicalize, utf8Bytes } from '#libs/kernel';
import { noticeHash } from './notice.ts';

type Consent = Schemas['HolderConsentDto'];

/** The text that came with a request is not the text whose hash the city names. */
export class TextDiffers extends Error {
  readonly code = 'text_differs';
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
  const computed = await noticeHash(consent);
  if (computed !== consent.notice.hash) throw new TextDiffers();
  const payload = {
    answer: 'grant',
    capacity: 'self',
    case: consent.case,
    consent: consent.consent,
    digits,
    iat: Math.floor(now / 1000),
    noticeHash: computed,
  };
  return new CompactSign(utf8Bytes(canonicalize(payload)))
    .setProtectedHeader({ alg: key.alg, typ: 'consent-grant+jws', kid: key.jkt })
    .sign(key.privateKey);
}
