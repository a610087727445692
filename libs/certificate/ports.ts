import type { CommandContext } from '#libs/event-store';
import type { Instant } from '#libs/kernel';
import type { Identifier } from '#libs/subject';
import type { CertificateVersion } from './certificate.events.js';

/**
 * What holds of a certificate on a day, read from its own stream. `expired` and `not-yet-valid`
 * follow from the day.
 */
export const certificateStandings = [
  'valid',
  'suspended',
  'revoked',
  'cancelled',
  'expired',
  'not-yet-valid',
] as const;
export type CertificateStanding = (typeof certificateStandings)[number];

/**
 * A certificate as a release needs it: its newest version, its standing, and the stream's head that
 * must not have moved afterwards.
 */
export interface CertificateNow {
  readonly certificate: string;
  readonly type: string;
  readonly authority: string;
  readonly standing: CertificateStanding;
  readonly version: CertificateVersion;
  readonly stream: string;
  readonly streamVersion: number;
  readonly head: string;
}

/** Reads certificates from their own streams, never from a projection or a replica. */
export abstract class CertificateReader {
  abstract read(certificate: string, day: string): Promise<CertificateNow | null>;
  /** The heads of the streams now, in order; null for one that is not there. */
  abstract headsOf(certificates: readonly string[]): Promise<readonly (string | null)[]>;
  /** An earlier version of the certificate, for a second reading of what was released. */
  abstract versionOf(certificate: string, number: number): Promise<CertificateVersion | null>;
}

/**
 * Opens disclosures for a holder: only those named are decrypted. Answers SD-JWT disclosure strings
 * (base64url of `[salt, name, value]`).
 * @throws SubjectKeyAbsent, SealBroken
 */
export abstract class DisclosureOpener {
  abstract open(
    certificate: string,
    version: CertificateVersion,
    subject: string,
    names: readonly string[],
  ): Promise<readonly { readonly name: string; readonly disclosure: string }[]>;
}

/**
 * A certificate that a subject holds. `valid` is what the wallet knows of it on the day that was
 * asked for.
 */
export interface HeldPaper {
  readonly certificate: string;
  readonly type: string;
  readonly valid: boolean;
}

/**
 * Which certificates a subject holds: from the wallet projection, so it only proposes; the streams
 * decide.
 */
export abstract class Wallet {
  /**
   * All valid ones of these types, newest first; behind them, of each type, the newest that are not
   * valid, for the reason why.
   */
  abstract certificatesOf(
    subject: string,
    types: readonly string[],
    day: string,
  ): Promise<readonly HeldPaper[]>;
}

/** An e-proof that an authority was asked for, on a holder's consent. */
export interface Wanted {
  readonly type: string;
  /** In the form under which it is looked up, as `holder.0` has to say it. */
  readonly holder: Identifier;
  readonly subject: string;
  readonly consent: string;
}

/** An e-proof that may enter the ledger. */
export interface Demanded {
  /** Records it; the same words again are the same certificate. @returns its id */
  readonly record: (context: CommandContext) => Promise<string>;
}

/**
 * E-proofs that their authority made when it was asked. Each is a certificate like any other: its
 * authority's key, types, holder and fields are judged as for every one that is handed in.
 */
export abstract class OnDemandCertificates {
  /**
   * @param client the issuing authority that was asked, as it is registered
   * @throws CertificateMalformed, IssuerRefused, JwsRefused, IdentifierInvalid
   */
  abstract judge(client: string, sdJwt: string, wanted: Wanted, now: Instant): Promise<Demanded>;
}

/**
 * Numbers of holders as authorities attested them: the ledger keeps no number but in their
 * certificates, each sealed for its holder.
 */
export abstract class HolderNumbers {
  /**
   * A number of the holder from a certificate that is valid now; null where none has one.
   * @param kinds whether a person or an organisation is meant
   */
  abstract numberOf(
    subject: string,
    kinds: 'natural' | 'legal' | 'both',
    day: string,
  ): Promise<Identifier | null>;
}
