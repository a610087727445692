import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ApproveExclusionHandler } from './commands/approve-exclusion.js';
import { RequestExclusionHandler } from './commands/request-exclusion.js';
import { WithdrawExclusionHandler } from './commands/withdraw-exclusion.js';
import { ExclusionController } from './exclusion.controller.js';
import { ForeignEvents } from './foreign-events.js';
import { FindExclusionsHandler } from './queries/exclusions.js';

/**
 * Foreign events that two administrators leave out of the ledger, because the ledger never wrote
 * them.
 */
@Module({
  imports: [CqrsModule],
  controllers: [ExclusionController],
  providers: [
    ForeignEvents,
    RequestExclusionHandler,
    ApproveExclusionHandler,
    WithdrawExclusionHandler,
    FindExclusionsHandler,
  ],
})
export class ExclusionModule {}
