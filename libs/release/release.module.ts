import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Candidates } from './candidates.js';
import { PullReleaseHandler } from './commands/pull-release.js';
import { ReadAgainHandler } from './commands/read-again.js';
import { DisclosureAssembler } from './disclosure-assembler.js';
import { ShowStatementHandler } from './queries/statement.js';
import { Prints } from './prints.js';
import { ReleaseController } from './release.controller.js';
import { StatementController } from './statement.controller.js';
import { ReleasePreconditions } from './release-preconditions.js';
import { ReleaseReply } from './release-reply.js';

/** Exports nothing to other rooms: data are released by its routes only. */
@Module({
  imports: [CqrsModule],
  controllers: [ReleaseController, StatementController],
  providers: [
    PullReleaseHandler,
    ReadAgainHandler,
    ShowStatementHandler,
    Candidates,
    DisclosureAssembler,
    ReleasePreconditions,
    ReleaseReply,
    Prints,
  ],
})
export class ReleaseModule {}
