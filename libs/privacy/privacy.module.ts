import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import pg from 'pg';
import { PhoneKeys } from '#libs/identity';
import { Settings } from '#libs/platform';
import { PostgresBlobs } from './blobs.postgres.js';
import { ApproveErasureHandler } from './commands/approve-erasure.js';
import { ConfirmEnrolmentHandler } from './commands/confirm-enrolment.js';
import { IdentifySubjectHandler } from './commands/identify-subject.js';
import { LiftLegalHoldHandler } from './commands/lift-legal-hold.js';
import { OfferPhoneKeyHandler } from './commands/offer-phone-key.js';
import { OpenEnrolmentHandler } from './commands/open-enrolment.js';
import { PlaceLegalHoldHandler } from './commands/place-legal-hold.js';
import { RequestErasureHandler } from './commands/request-erasure.js';
import { RevokePhoneKeyHandler } from './commands/revoke-phone-key.js';
import { WithdrawErasureHandler } from './commands/withdraw-erasure.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { EnrolmentCodes } from './enrolment-codes.js';
import { ErasureController } from './erasure.controller.js';
import { Eraser } from './eraser.js';
import { RestoredErasures } from './eraser-restored.js';
import { EraserRounds } from './eraser-rounds.js';
import { Erasures } from './erasures.js';
import { PrivacyKeys } from './keys.js';
import { openKeys } from './keys-in-use.js';
import { HmacPairwise } from './pairwise.js';
import { PostgresPhoneKeys } from './phone-keys.postgres.js';
import { Blobs, Pairwise, SubjectDirectory, Vault } from './ports.js';
import { PrivacyController } from './privacy.controller.js';
import { FindEnrolmentHandler } from './queries/enrolment.js';
import { FindErasureHandler } from './queries/erasure.js';
import { FindOwnPhoneKeysHandler } from './queries/own-phone-keys.js';
import { PostgresVault } from './vault.postgres.js';
import { WhomToErase } from './whom.js';

export { privacyMigrations } from './privacy.migrations.js';
export { rotateMasterKey } from './rotation.js';

/** Where the key files are: beside the other keys of the process. */
export const privacyKeysFolder = (settings: Settings): string => settings.keysDir;

/** Whose phone a key is: needs no key of privacy. */
@Global()
@Module({
  providers: [PostgresPhoneKeys, { provide: PhoneKeys, useExisting: PostgresPhoneKeys }],
  exports: [PostgresPhoneKeys, PhoneKeys],
})
export class PhoneKeysModule {}

/** Subjects, the directory of numbers, the vault and sealed files, for every other context. */
@Global()
@Module({
  imports: [CqrsModule, PhoneKeysModule],
  controllers: [PrivacyController, ErasureController],
  providers: [
    {
      provide: PrivacyKeys,
      inject: [Settings, pg.Pool],
      useFactory: (settings: Settings, pool: pg.Pool) =>
        openKeys(pool, privacyKeysFolder(settings)),
    },
    EnrolmentCodes,
    Erasures,
    Eraser,
    RestoredErasures,
    EraserRounds,
    WhomToErase,
    { provide: SubjectDirectory, useClass: PostgresSubjectDirectory },
    { provide: Vault, useClass: PostgresVault },
    { provide: Pairwise, useClass: HmacPairwise },
    { provide: Blobs, useClass: PostgresBlobs },
    IdentifySubjectHandler,
    OpenEnrolmentHandler,
    OfferPhoneKeyHandler,
    ConfirmEnrolmentHandler,
    RevokePhoneKeyHandler,
    FindEnrolmentHandler,
    FindOwnPhoneKeysHandler,
    RequestErasureHandler,
    ApproveErasureHandler,
    PlaceLegalHoldHandler,
    LiftLegalHoldHandler,
    WithdrawErasureHandler,
    FindErasureHandler,
  ],
  exports: [SubjectDirectory, Vault, Pairwise, Blobs],
})
export class PrivacyModule {}
