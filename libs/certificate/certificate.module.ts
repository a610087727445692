import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BatchController } from './batch.controller.js';
import { CertificateController } from './certificate.controller.js';
import { ChangeStandingHandler } from './commands/change-standing.js';
import { IssueBatchHandler } from './commands/issue-batch.js';
import { HandInCertificateHandler } from './commands/hand-in-certificate.js';
import { KeepFileHandler } from './commands/keep-file.js';
import { HandIn } from './hand-in.js';
import { IssuingDesk } from './issuing-desk.js';
import { VaultDisclosureOpener } from './opener.js';
import { OtherPapers } from './other-papers.js';
import { PaperDesk } from './paper-desk.js';
import { AttestedNumbers } from './holder-numbers.js';
import { HandedInOnDemand } from './on-demand.js';
import {
  CertificateReader,
  DisclosureOpener,
  HolderNumbers,
  OnDemandCertificates,
  Wallet,
} from './ports.js';
import { GetCertificateHandler } from './queries/certificate.js';
import { GetIssuerHandler } from './queries/issuer.js';
import { SearchCertificatesHandler } from './queries/certificates.js';
import { GetPhoneWalletHandler } from './queries/phone-wallet.js';
import { StreamCertificateReader } from './reader.js';
import { VersionSeals } from './version-seals.js';
import { ProjectedWallet } from './wallet.js';
import { WalletController } from './wallet.controller.js';
import { WalletCertificate, WalletHolding } from './wallet.entity.js';
import { WalletProjection } from './wallet.projection.js';

export { certificateMigrations } from './certificate.migrations.js';

export const certificateProjections = [WalletProjection];
export const certificateEntities = [WalletCertificate, WalletHolding];

/**
 * The life of certificates, and the wallet. Needs the catalogue, the clients and the subjects from
 * their modules.
 */
@Global()
@Module({
  imports: [CqrsModule],
  controllers: [BatchController, CertificateController, WalletController],
  providers: [
    IssuingDesk,
    VersionSeals,
    PaperDesk,
    OtherPapers,
    HandIn,
    HandInCertificateHandler,
    ChangeStandingHandler,
    IssueBatchHandler,
    KeepFileHandler,
    GetCertificateHandler,
    GetIssuerHandler,
    SearchCertificatesHandler,
    GetPhoneWalletHandler,
    { provide: CertificateReader, useClass: StreamCertificateReader },
    { provide: DisclosureOpener, useClass: VaultDisclosureOpener },
    { provide: Wallet, useClass: ProjectedWallet },
    { provide: HolderNumbers, useClass: AttestedNumbers },
    { provide: OnDemandCertificates, useClass: HandedInOnDemand },
  ],
  exports: [CertificateReader, DisclosureOpener, HolderNumbers, OnDemandCertificates, Wallet],
})
export class CertificateModule {}
