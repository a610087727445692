import { Injectable } from '@nestjs/common';
import {
  type CertificateNow,
  CertificateReader,
  type CertificateStanding,
  type HeldPaper,
  Wallet,
} from '#libs/certificate';
import type { Ask, MissingReason } from '#libs/consent';
import { type Instant, shanghaiDay } from '#libs/kernel';

/**
 * A certificate that answers a material, and the fields of it that will be opened: those asked for
 * that it has.
 */
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

/** Streams read concurrently. */
const readAtOnce = 32;

/** Certificates that may answer, as the wallet's read model has them. */
export interface Proposed {
  readonly valid: readonly HeldPaper[];
  readonly lapsed: readonly HeldPaper[];
}

/**
 * Finds for each material the first certificate that may answer it. The wallet's read model
 * proposes; the certificates' own streams decide.
 */
@Injectable()
export class Candidates {
  constructor(
    private readonly wallet: Wallet,
    private readonly certificates: CertificateReader,
  ) {}

  async propose(subject: string, asks: readonly Ask[], now: Instant): Promise<Proposed> {
    const types = new Set(asks.flatMap(({ answers }) => answers.map(({ type }) => type)));
    const held = await this.wallet.certificatesOf(subject, [...types], shanghaiDay(now));
    return {
      valid: held.filter(({ valid }) => valid),
      lapsed: held.filter(({ valid }) => !valid),
    };
  }

  async choose(
    subject: string,
    asks: readonly Ask[],
    { valid, lapsed }: Proposed,
    now: Instant,
  ): Promise<{ readonly chosen: readonly Chosen[]; readonly missing: readonly Missing[] }> {
    const day = shanghaiDay(now);
    const own = await this.own(subject, valid, day);
    let answers = asks.map((ask) => answerOf(ask, own));
    // Certificates that the wallet lists as lapsed explain why there is no answer, unless they are
    // valid again and the wallet lags.
    if (answers.some((answer) => 'reason' in answer)) {
      own.push(...(await this.own(subject, lapsed, day)));
      answers = asks.map((ask) => answerOf(ask, own));
    }
    return {
      chosen: answers.filter((answer): answer is Chosen => !('reason' in answer)),
      missing: answers.filter((answer): answer is Missing => 'reason' in answer),
    };
  }

  private async own(
    subject: string,
    papers: readonly HeldPaper[],
    day: string,
  ): Promise<CertificateNow[]> {
    const own: CertificateNow[] = [];
    for (let from = 0; from < papers.length; from += readAtOnce) {
      const page = papers.slice(from, from + readAtOnce);
      const read = await Promise.all(
        page.map(({ certificate }) => this.certificates.read(certificate, day)),
      );
      for (const certificate of read)
        if (certificate?.version.holders.some((holder) => holder.subject === subject) === true)
          own.push(certificate);
    }
    return own;
  }
}

/**
 * Types in the order of the rule, certificates in that of the wallet; where none is usable, why the
 * first is not.
 */
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
