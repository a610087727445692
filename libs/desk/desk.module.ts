import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ApplicationController, ApplicationsController } from './application.controller.js';
import { ApplicationRow } from './applications.entity.js';
import { BoardController } from './board.controller.js';
import { BoardAnswer, BoardCase, BoardClosed, BoardConsent, BoardOnline } from './board.entity.js';
import { BoardProjection } from './board.projection.js';
import { CaseController } from './case.controller.js';
import { BringMaterialHandler } from './commands/bring-material.js';
import { ReturnCaseHandler } from './commands/return-case.js';
import { WithdrawApplicationHandler } from './commands/withdraw-application.js';
import { ListApplicationsHandler } from './queries/applications.js';
import { ViewApplicationHandler } from './queries/application-view.js';
import { ShowBoardHandler } from './queries/board.js';
import { ViewCaseHandler } from './queries/case-view.js';
import { ShowClosedTodayHandler } from './queries/closed-today.js';

export { deskMigrations } from './desk.migrations.js';
export { countExpiredConsents } from './queries/expired-consents.js';

/** Name of the read model behind the boards. */
export const board = new BoardProjection().name;
export const deskProjections = [BoardProjection];
export const deskEntities = [
  BoardCase,
  BoardConsent,
  BoardOnline,
  BoardClosed,
  BoardAnswer,
  ApplicationRow,
];

/**
 * A window's operations on a case and its view of one: from the case and the books of its
 * participants.
 */
@Module({
  imports: [CqrsModule],
  controllers: [CaseController, ApplicationController],
  providers: [
    BringMaterialHandler,
    ReturnCaseHandler,
    WithdrawApplicationHandler,
    ViewCaseHandler,
    ViewApplicationHandler,
  ],
})
export class DeskModule {}

/** Boards of windows and lists of applicants, over their read models. */
@Module({
  imports: [CqrsModule],
  controllers: [BoardController, ApplicationsController],
  providers: [ShowBoardHandler, ShowClosedTodayHandler, ListApplicationsHandler],
})
export class BoardModule {}
