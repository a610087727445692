import { Injectable } from '@nestjs/common';
import {
  type CertificateNow,
  CertificateReader,
  type CertificateStanding,
  Wallet,
} from '#libs/certificate';
import type { Ask, MissingReason } from '#libs/consent';
import { type Instant, shanghaiDay } from '#libs/kernel';

/** A certificate that answers a material, and the fields that will be opened of it: of those asked for, the ones that it has. */
export interface Chosen {
  readonly material: string;
  readonly certificate: CertificateNow;
  readonly fields: readonly string[];
  /** Asked for, and not in the certificate. */
  readonly absentFields: readonly string[];
}

export interface Missing {
  readonly material: string;
  readonly reason: MissingReason;
}

/** Finds for each material the first certificate that may answer it. The wallet proposes; the certificates' own streams decide. */
@Injectable()
export class Candidates {
  constructor(
    private readonly wallet: Wallet,
    private readonly certificates: CertificateReader,
  ) {}

  async choose(
    subject: string,
    asks: readonly Ask[],
    now: Instant,
  ): Promise<{ readonly chosen: readonly Chosen[]; readonly missing: readonly Missing[] }> {
    const types = new Set(asks.flatMap(({ answers }) => answers.map(({ type }) => type)));
    const proposed = await this.wallet.certificatesOf(subject, [...types]);
    const day = shanghaiDay(now);
    const read = await Promise.all(
      proposed.map(({ certificate }) => this.certificates.read(certificate, day)),
    );
    const own = read.filter(
      (certificate): certificate is CertificateNow =>
        certificate?.version.holders.some((holder) => holder.subject === subject) === true,
    );
    const chosen: Chosen[] = [];
    const missing: Missing[] = [];
    for (const ask of asks) {
      const answer = answerOf(ask, own);
      if ('reason' in answer) missing.push(answer);
      else chosen.push(answer);
    }
    return { chosen, missing };
  }
}

/** Types in the order of the rule, certificates in that of the wallet; where none will do, why the first would not. */
export function answerOf(ask: Ask, own: readonly CertificateNow[]): Chosen | Missing {
  let reason: MissingReason | null = null;
  for (const { type, fields } of ask.answers)
    for (const certificate of own) {
      if (certificate.type !== type) continue;
      const fault = faultOf(certificate.standing);
      if (fault !== null) {
        reason ??= fault;
        continue;
      }
      const has = new Set(certificate.version.disclosures.map(({ name }) => name));
      const present = fields.filter((field) => has.has(field));
      if (present.length > 0)
        return {
          material: ask.material,
          certificate,
          fields: present,
          absentFields: fields.filter((field) => !has.has(field)),
        };
      reason ??= 'fields_absent';
    }
  return { material: ask.material, reason: reason ?? 'holder_has_none' };
}

/** Why a certificate answers nothing now; null where it is valid. */
export function faultOf(standing: CertificateStanding): MissingReason | null {
  switch (standing) {
    case 'valid':
      return null;
    case 'suspended':
      return 'certificate_suspended';
    case 'revoked':
      return 'certificate_revoked';
    case 'cancelled':
      return 'certificate_cancelled';
    case 'expired':
      return 'certificate_expired';
    case 'not-yet-valid':
      return 'certificate_not_yet_valid';
  }
}
