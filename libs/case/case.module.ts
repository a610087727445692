import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BoardCase, BoardConsent } from './board.entity.js';
import { BoardController } from './board.controller.js';
import { BoardProjection } from './board.projection.js';
import { CaseController } from './case.controller.js';
import { StreamCaseReader } from './case.stream.js';
import { BringMaterialHandler } from './commands/bring-material.js';
import { CloseCaseHandler } from './commands/close-case.js';
import { OpenCaseHandler } from './commands/open-case.js';
import { CaseReader } from './ports.js';
import { ShowBoardHandler } from './queries/board.js';
import { ViewCaseHandler } from './queries/case-view.js';

export { caseMigrations } from './case.migrations.js';
export { countExpiredConsents } from './queries/expired-consents.js';

export const caseProjections = [BoardProjection];
export const caseEntities = [BoardCase, BoardConsent];

@Global()
@Module({
  imports: [CqrsModule],
  controllers: [CaseController],
  providers: [
    OpenCaseHandler,
    BringMaterialHandler,
    CloseCaseHandler,
    ViewCaseHandler,
    { provide: CaseReader, useClass: StreamCaseReader },
  ],
  exports: [CaseReader],
})
export class CaseModule {}

/** The board of a window, over its read model. */
@Module({
  imports: [CqrsModule],
  controllers: [BoardController],
  providers: [ShowBoardHandler],
})
export class BoardModule {}
