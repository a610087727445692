import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { GrantConsentHandler } from './commands/grant-consent.js';
import { MintTokenHandler } from './commands/mint-token.js';
import { RefuseConsentHandler } from './commands/refuse-consent.js';
import { RequestConsentHandler } from './commands/request-consent.js';
import { ShowCodeHandler } from './commands/show-code.js';
import { WithdrawConsentHandler } from './commands/withdraw-consent.js';
import { ConsentController } from './consent.controller.js';
import { PhoneConsentController } from './phone.controller.js';
import { BookReader, QrCodes } from './ports.js';
import { PostgresQrCodes } from './qr-codes.postgres.js';
import { ListAccessesHandler } from './queries/accesses.js';
import {
  ConsentStateHandler,
  FindHolderConsentHandler,
  HolderConsentsHandler,
} from './queries/consents.js';
import { StreamBookReader } from './stream-book-reader.js';

export { consentMigrations } from './consent.migrations.js';

/** Needs the city's `LedgerKeys` from whoever assembles the process. */
@Global()
@Module({
  imports: [CqrsModule],
  controllers: [ConsentController, PhoneConsentController],
  providers: [
    RequestConsentHandler,
    GrantConsentHandler,
    RefuseConsentHandler,
    WithdrawConsentHandler,
    MintTokenHandler,
    ShowCodeHandler,
    ConsentStateHandler,
    HolderConsentsHandler,
    FindHolderConsentHandler,
    ListAccessesHandler,
    { provide: BookReader, useClass: StreamBookReader },
    { provide: QrCodes, useClass: PostgresQrCodes },
  ],
  exports: [BookReader, QrCodes],
})
export class ConsentModule {}
