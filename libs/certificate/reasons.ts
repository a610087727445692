/**
 * Why an issuing authority changes what it attested: codes, because free text would carry personal
 * data into the ledger. The lists are the product's own, for want of a national code list.
 */
export const amendReasons = [
  'correction', // what stood there was wrong from the first
  'change', // what is attested has changed
  'renewal', // a new period of validity
  'replacement', // lost or damaged
  // granted anew after it was revoked or cancelled, and the only reason by which such a certificate
  // is valid again
  'reissue',
] as const;
export const suspendReasons = ['withheld', 'under_review', 'court_order'] as const;
export const reinstateReasons = ['review_closed', 'period_served', 'decision_lifted'] as const;
export const revokeReasons = [
  'wrongly_issued',
  'obtained_by_fraud',
  'penalty',
  'court_order',
] as const;
export const cancelReasons = [
  'holder_request',
  'holder_deceased',
  'holder_dissolved',
  'holder_moved_out',
  'superseded',
  'purpose_ended',
] as const;

export type AmendReason = (typeof amendReasons)[number];
export type SuspendReason = (typeof suspendReasons)[number];
export type ReinstateReason = (typeof reinstateReasons)[number];
export type RevokeReason = (typeof revokeReasons)[number];
export type CancelReason = (typeof cancelReasons)[number];
