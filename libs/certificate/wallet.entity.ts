import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CertificateStatus } from './certificate.decider.js';

/** A certificate as the wallet lists it: what its newest version and its last change say. */
@Entity('wallet_certificate')
export class WalletCertificate {
  @PrimaryColumn('text')
  certificate!: string;

  @Column('text')
  type!: string;

  /** The issuing authority's credit code. */
  @Column('text')
  authority!: string;

  @Column('text')
  status!: CertificateStatus;

  @Column('integer')
  version!: number;

  @Column('text', { name: 'valid_from' })
  validFrom!: string;

  @Column('text', { name: 'valid_until', nullable: true })
  validUntil!: string | null;

  /** When the first version was recorded. */
  @Column('text', { name: 'issued_at' })
  issuedAt!: string;
}

/** A subject's part in a certificate. */
@Entity('wallet_holding')
export class WalletHolding {
  @PrimaryColumn('text')
  subject!: string;

  @PrimaryColumn('text')
  certificate!: string;

  @PrimaryColumn('text')
  role!: string;
}
