import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { GrantsOfKeys } from '#libs/subject';
import { GrantConsentHandler } from './commands/grant-consent.js';
import { MintTokenHandler } from './commands/mint-token.js';
import { RefuseConsentHandler } from './commands/refuse-consent.js';
import { RequestConsentHandler } from './commands/request-consent.js';
import { WithdrawConsentHandler } from './commands/withdraw-consent.js';
import { WithdrawRequestHandler } from './commands/withdraw-request.js';
import { ConsentController } from './consent.controller.js';
import { PhoneConsentController } from './phone.controller.js';
import { PhoneBookController } from './phone-book.controller.js';
import { BookGrantsOfKeys } from './grants-of-keys.js';
import { BookReader } from './ports.js';
import { ListAccessesHandler } from './queries/accesses.js';
import {
  ConsentStateHandler,
  FindHolderConsentHandler,
  HolderConsentsHandler,
} from './queries/consents.js';
import { StreamBookReader } from './book-reader.js';

/** Needs the city's `LedgerKeys` from the composition of the process. */
@Global()
@Module({
  imports: [CqrsModule],
  controllers: [ConsentController, PhoneConsentController, PhoneBookController],
  providers: [
    RequestConsentHandler,
    GrantConsentHandler,
    RefuseConsentHandler,
    WithdrawConsentHandler,
    WithdrawRequestHandler,
    MintTokenHandler,
    ConsentStateHandler,
    HolderConsentsHandler,
    FindHolderConsentHandler,
    ListAccessesHandler,
    { provide: BookReader, useClass: StreamBookReader },
    { provide: GrantsOfKeys, useClass: BookGrantsOfKeys },
  ],
  exports: [BookReader, GrantsOfKeys],
})
export class ConsentModule {}
