import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { BoardController } from './board.controller.js';
import { BoardCase, BoardConsent } from './board.entity.js';
import { BoardProjection } from './board.projection.js';
import { CaseController } from './case.controller.js';
import { BringMaterialHandler } from './commands/bring-material.js';
import { ShowBoardHandler } from './queries/board.js';
import { ViewCaseHandler } from './queries/case-view.js';

export { deskMigrations } from './desk.migrations.js';
export { countExpiredConsents } from './queries/expired-consents.js';

/** Name of the read model behind the boards. */
export const board = new BoardProjection().name;
export const deskProjections = [BoardProjection];
export const deskEntities = [BoardCase, BoardConsent];

/**
 * A window's operations on a case and its view of one: from the case and the books of its
 * participants.
 */
@Module({
  imports: [CqrsModule],
  controllers: [CaseController],
  providers: [BringMaterialHandler, ViewCaseHandler],
})
export class DeskModule {}

/** The board of a window, over its read model. */
@Module({
  imports: [CqrsModule],
  controllers: [BoardController],
  providers: [ShowBoardHandler],
})
export class BoardModule {}
