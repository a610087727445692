import { Global, Module, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { PhoneKeys } from '#libs/identity';
import { ShowCodeHandler } from './commands/show-code.js';
import { QrCodes } from './qr-codes.js';
import { QrCodesController } from './qr-codes.controller.js';
import { PostgresQrCodes } from './qr-codes.postgres.js';
import { settled } from './after-the-answer.js';
import { AddHolderPasskeyHandler } from './commands/add-passkey.js';
import { ApproveErasureHandler } from './commands/approve-erasure.js';
import { ConfirmEnrolmentHandler } from './commands/confirm-enrolment.js';
import { IdentifySubjectHandler } from './commands/identify-subject.js';
import { LiftLegalHoldHandler } from './commands/lift-legal-hold.js';
import { OfferPhoneKeyHandler } from './commands/offer-phone-key.js';
import { OpenTypedCodeHandler } from './commands/open-typed-code.js';
import { OpenEnrolmentHandler } from './commands/open-enrolment.js';
import { PlaceLegalHoldHandler } from './commands/place-legal-hold.js';
import { RequestErasureHandler } from './commands/request-erasure.js';
import { RevokePasskeyHandler } from './commands/revoke-passkey.js';
import { RevokePhoneKeyHandler } from './commands/revoke-phone-key.js';
import { WithdrawErasureHandler } from './commands/withdraw-erasure.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { EnrolmentCodes } from './enrolment-codes.js';
import { ErasureController } from './erasure.controller.js';
import { Eraser } from './eraser.js';
import { RestoredErasures } from './eraser-restored.js';
import { ErasureRetryJob } from './erasure-retry-job.js';
import { Erasures } from './erasures.js';
import { HolderPasskeysController } from './passkeys.controller.js';
import { PostgresPhoneKeys } from './phone-keys.postgres.js';
import { SubjectDirectory } from './ports.js';
import { SubjectController } from './subject.controller.js';
import { FindEnrolmentHandler } from './queries/enrolment.js';
import { FindErasureHandler, ListErasuresHandler } from './queries/erasure.js';
import { ListLegalHoldsHandler } from './queries/legal-holds.js';
import { TypedCodes } from './typed-codes.js';
import { FindOfferedKeyHandler } from './queries/offered-key.js';
import { FindOwnPhoneKeysHandler } from './queries/own-phone-keys.js';
import { ErasureTargetResolver } from './erasure-target.js';

export { subjectMigrations } from './subject.migrations.js';

/** Which subject a phone's key belongs to; needs no key of the vault. */
@Global()
@Module({
  providers: [PostgresPhoneKeys, { provide: PhoneKeys, useExisting: PostgresPhoneKeys }],
  exports: [PostgresPhoneKeys, PhoneKeys],
})
export class PhoneKeysModule {}

/** Subjects and the directory of their numbers. */
@Global()
@Module({
  imports: [CqrsModule, PhoneKeysModule],
  controllers: [SubjectController, HolderPasskeysController, ErasureController, QrCodesController],
  providers: [
    EnrolmentCodes,
    Erasures,
    Eraser,
    RestoredErasures,
    ErasureRetryJob,
    ErasureTargetResolver,
    { provide: SubjectDirectory, useClass: PostgresSubjectDirectory },
    { provide: QrCodes, useClass: PostgresQrCodes },
    ShowCodeHandler,
    IdentifySubjectHandler,
    OpenEnrolmentHandler,
    OpenTypedCodeHandler,
    OfferPhoneKeyHandler,
    ConfirmEnrolmentHandler,
    RevokePhoneKeyHandler,
    AddHolderPasskeyHandler,
    RevokePasskeyHandler,
    FindEnrolmentHandler,
    FindOfferedKeyHandler,
    FindOwnPhoneKeysHandler,
    RequestErasureHandler,
    ApproveErasureHandler,
    PlaceLegalHoldHandler,
    LiftLegalHoldHandler,
    WithdrawErasureHandler,
    FindErasureHandler,
    ListErasuresHandler,
    ListLegalHoldsHandler,
    TypedCodes,
  ],
  exports: [SubjectDirectory, QrCodes],
})
export class SubjectModule implements OnModuleDestroy {
  onModuleDestroy(): Promise<void> {
    return settled();
  }
}
