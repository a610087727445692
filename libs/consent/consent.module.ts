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
import { Books, ConsentPlaces } from './ports.js';
import { ListAccessesHandler } from './queries/accesses.js';
import {
  ConsentStateHandler,
  FindHolderConsentHandler,
  HolderConsentsHandler,
} from './queries/consents.js';
import { PostgresConsentPlaces } from './consent-places.postgres.js';
import { ConsentPlacesProjection } from './consent-places.projection.js';
import { StreamBooks } from './stream-books.js';

export { consentMigrations } from './consent.migrations.js';
export const consentProjections = [ConsentPlacesProjection];

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
    { provide: Books, useClass: StreamBooks },
    { provide: ConsentPlaces, useClass: PostgresConsentPlaces },
    { provide: GrantsOfKeys, useClass: BookGrantsOfKeys },
  ],
  exports: [Books, GrantsOfKeys],
})
export class ConsentModule {}
