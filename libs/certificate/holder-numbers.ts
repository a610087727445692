import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { isObject } from '#libs/kernel';
import { type Identifier, normalIdentifier } from '#libs/subject';
import {
  type CertificateNow,
  CertificateReader,
  DisclosureOpener,
  HolderNumbers,
} from './ports.js';
import { readDisclosure } from './sd-jwt.js';
import { validOn } from './wallet.js';

/** Certificates that are looked at: nearly always the first has the number. */
const most = 16;

/** The wallet proposes certificates, and their own streams decide. */
@Injectable()
export class AttestedNumbers extends HolderNumbers {
  constructor(
    private readonly pool: pg.Pool,
    private readonly reader: CertificateReader,
    private readonly opener: DisclosureOpener,
  ) {
    super();
  }

  async numberOf(
    subject: string,
    kinds: 'natural' | 'legal' | 'both',
    day: string,
  ): Promise<Identifier | null> {
    const { rows } = await this.pool.query<{ certificate: string }>({
      name: 'wallet-for-number',
      text: `SELECT c.certificate FROM wallet_certificate c
             WHERE c.certificate IN (SELECT certificate FROM wallet_holding WHERE subject = $1)
               AND ${validOn('$2')}
             ORDER BY c.issued_at DESC, c.certificate LIMIT ${most}`,
      values: [subject, day],
    });
    for (const { certificate } of rows) {
      const now = await this.reader.read(certificate, day);
      const number = now === null ? null : await this.numberIn(now, subject);
      if (number !== null && (kinds === 'both' || (number.kind === '001') === (kinds === 'legal')))
        return number;
    }
    return null;
  }

  /** Nothing but the holder's own `holder.<n>` is opened. */
  private async numberIn(now: CertificateNow, subject: string): Promise<Identifier | null> {
    const { certificate, standing, version } = now;
    const place = version.holders.findIndex((holder) => holder.subject === subject);
    if (standing !== 'valid' || place < 0) return null;
    const [opened] = await this.opener.open(certificate, version, subject, [`holder.${place}`]);
    const value = opened === undefined ? null : readDisclosure(opened.disclosure).value;
    if (!isObject(value)) return null;
    const { kind, number, issuer } = value;
    if (typeof kind !== 'string' || typeof number !== 'string') return null;
    return normalIdentifier({ kind, number, issuer: typeof issuer === 'string' ? issuer : null });
  }
}
