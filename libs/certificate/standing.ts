import {
  type CertificateStatus,
  type ExistingCertificate,
  newestOf,
} from './certificate.decider.js';
import type { CertificateStanding } from './ports.js';

/**
 * What holds on a day of Asia/Shanghai. What the authority decided goes before what the calendar
 * says.
 */
export function certificateStandingOf(
  status: CertificateStatus,
  validity: { readonly validFrom: string; readonly validUntil: string | null },
  day: string,
): CertificateStanding {
  if (status !== 'valid') return status;
  if (day < validity.validFrom) return 'not-yet-valid';
  return validity.validUntil !== null && day > validity.validUntil ? 'expired' : 'valid';
}

/** Of the newest version. */
export const standingNow = (state: ExistingCertificate, day: string): CertificateStanding =>
  certificateStandingOf(state.status, newestOf(state), day);
