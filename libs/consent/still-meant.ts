import { grantsFor, isBeingErased, type SubjectState } from '#libs/subject';
import { SubjectKeyAbsent } from '#libs/vault';
import { answers, type Consent } from './book.js';

import { grantKeyOf } from './proof.js';
import { consentEnded } from './usable.js';

/**
 * Checks what a grant depends on beside the book, as the streams are now: its key, the holder's
 * erasure, the papers that were brought. `ConsentEnded` records the same in the book, and may be
 * missing yet.
 * @throws ConsentNotUsable, SubjectKeyAbsent
 */
export function checkStillMeant(
  consent: Extract<Consent, { status: 'granted' | 'redeemed' }>,
  { holder, brought }: { readonly holder: SubjectState; readonly brought: readonly string[] },
): void {
  const broughtOfIt =
    consent.status === 'redeemed'
      ? brought.some((material) => answers(consent.redemption, material))
      : consent.request.asks.some(({ material }) => brought.includes(material));
  if (broughtOfIt) throw consentEnded('material_brought');
  if (isBeingErased(holder))
    throw new SubjectKeyAbsent('subject_key_destroyed', 'the holder was erased');
  const key = grantKeyOf(consent.grant.proof);
  if (key !== null && !grantsFor(holder, key)) throw consentEnded('phone_key_revoked');
}
