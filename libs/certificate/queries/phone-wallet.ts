import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { Catalogue } from '#libs/catalogue';
import type { Principal } from '#libs/identity';
import { Clock, type JsonValue, shanghaiDay } from '#libs/kernel';
import { type CertificateNow, CertificateReader, type CertificateStanding } from '../ports.js';
import { DisclosureOpener } from '../ports.js';
import { readDisclosure } from '../sd-jwt.js';
import { validOn } from '../wallet.js';

/**
 * A certificate as its holder sees it on the phone, with its fields opened. Other holders' numbers
 * stay sealed.
 */
export interface HeldCertificate {
  readonly certificate: string;
  readonly type: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly authority: string;
  readonly roles: readonly string[];
  readonly standing: CertificateStanding;
  readonly version: number;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly identifier: string | null;
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** English names of the fields, by their keys, where the catalogue has them. */
  readonly fieldNamesEn: Readonly<Record<string, string>>;
}

export interface WalletPage {
  readonly certificates: readonly HeldCertificate[];
  readonly page: number;
  readonly total: number;
}

/** A holder looks into the own wallet. Pages count from 1. */
export class GetPhoneWallet extends Query<WalletPage> {
  constructor(
    readonly principal: Principal,
    readonly page: number,
  ) {
    super();
  }
}

const walletPageSize = 20;

@QueryHandler(GetPhoneWallet)
export class GetPhoneWalletHandler implements IQueryHandler<GetPhoneWallet> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: CertificateReader,
    private readonly opener: DisclosureOpener,
    private readonly catalogue: Catalogue,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, page }: GetPhoneWallet): Promise<WalletPage> {
    const { subject } = principal;
    const day = shanghaiDay(this.clock.now());
    const [rows, [{ total } = { total: 0 }]] = await Promise.all([
      this.dataSource.query<{ certificate: string }[]>(
        `SELECT c.certificate FROM wallet_certificate c
         WHERE c.certificate IN (SELECT certificate FROM wallet_holding WHERE subject = $1)
         ORDER BY ${validOn('$2')} DESC, c.issued_at DESC, c.certificate
         LIMIT $3 OFFSET $4`,
        [subject, day, walletPageSize, (page - 1) * walletPageSize],
      ),
      this.dataSource.query<{ total: number }[]>(
        `SELECT count(DISTINCT certificate)::integer AS total FROM wallet_holding
         WHERE subject = $1`,
        [subject],
      ),
    ]);
    const certificates = await Promise.all(
      rows.map(async ({ certificate }) => {
        // The list only proposes: what is shown is read from the certificate's own stream.
        const now = await this.reader.read(certificate, day);
        return now && this.opened(now, subject);
      }),
    );
    return { certificates: certificates.filter((one) => one !== null), page, total };
  }

  private async opened(now: CertificateNow, subject: string): Promise<HeldCertificate | null> {
    const { certificate, version } = now;
    const roles = version.holders.filter((holder) => holder.subject === subject);
    if (roles.length === 0) return null;
    const names = version.disclosures
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('holder.'));
    const [type, opened] = await Promise.all([
      this.catalogue.type(now.type),
      this.opener.open(certificate, version, subject, names),
    ]);
    const values = new Map(
      opened.map(({ name, disclosure }) => [name, readDisclosure(disclosure).value]),
    );
    const identifier = values.get('identifier');
    values.delete('identifier');
    return {
      certificate,
      type: now.type,
      nameZh: type?.nameZh ?? now.type,
      nameEn: type?.nameEn ?? now.type,
      authority: now.authority,
      roles: roles.map(({ role }) => role),
      standing: now.standing,
      version: version.number,
      validFrom: version.validFrom,
      validUntil: version.validUntil,
      identifier: typeof identifier === 'string' ? identifier : null,
      fields: Object.fromEntries(values),
      fieldNamesEn: Object.fromEntries(
        (type?.fields ?? []).flatMap(({ key, nameEn }) =>
          nameEn !== undefined && values.has(key) ? [[key, nameEn]] : [],
        ),
      ),
    };
  }
}
