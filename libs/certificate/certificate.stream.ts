import { type EventStore, load, upcasting } from '#libs/event-store';
import { certificateDecider, type CertificateState } from './certificate.decider.js';
import { type CertificateEvent, certificateSchemas } from './certificate.events.js';

export const certificateStream = (certificate: string): string => `certificate-${certificate}`;

/** How a certificate's stream is folded: what `execute` and `load` take. */
export const certificateRules = {
  ...certificateDecider,
  codec: upcasting<CertificateEvent>(certificateSchemas),
};

/** Ids are 128 bits in base64url: any other text names no certificate, and reaches no stream. */
export const isCertificateId = (text: string): boolean => /^[A-Za-z0-9_-]{22}$/.test(text);

/** The certificate's stream as it is now. */
export const loadCertificate = (
  store: EventStore,
  certificate: string,
): Promise<{ state: CertificateState; version: number; head: string | null }> =>
  load(store, certificateStream(certificate), certificateRules);
