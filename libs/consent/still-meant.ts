import type { EventStore } from '#libs/event-store';
import { grantsFor, isBeingErased, readSubject } from '#libs/subject';
import { SubjectKeyAbsent } from '#libs/vault';
import { answers, type Consent } from './book.js';

import { grantKeyOf } from './proof.js';
import { consentEnded } from './usable.js';

/**
 * Checks what a grant depends on beside the book, in the streams themselves: its key, the holder's
 * erasure, the papers that were brought. `ConsentEnded` records the same in the book, and may be
 * missing yet.
 * @throws ConsentNotUsable, SubjectKeyAbsent
 */
export async function checkStillMeant(
  store: EventStore,
  consent: Extract<Consent, { status: 'granted' | 'redeemed' }>,
  { subject, brought }: { readonly subject: string; readonly brought: readonly string[] },
): Promise<void> {
  const broughtOfIt =
    consent.status === 'redeemed'
      ? brought.some((material) => answers(consent.redemption, material))
      : consent.request.asks.some(({ material }) => brought.includes(material));
  if (broughtOfIt) throw consentEnded('material_brought');
  const holder = await readSubject(store, subject);
  if (isBeingErased(holder))
    throw new SubjectKeyAbsent('subject_key_destroyed', 'the holder was erased');
  const key = grantKeyOf(consent.grant.proof);
  if (key !== null && !grantsFor(holder, key)) throw consentEnded('phone_key_revoked');
}
