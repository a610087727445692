import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Candidates } from './candidates.js';
import { PullReleaseHandler } from './commands/pull-release.js';
import { ReadAgainHandler } from './commands/read-again.js';
import { HandingOver } from './handing-over.js';
import { ShowStatementHandler } from './queries/statement.js';
import { ShowStatisticsHandler } from './queries/statistics.js';
import { ReleaseController } from './release.controller.js';
import { StatementController } from './statement.controller.js';
import { StatisticsController } from './statistics.controller.js';
import { Statistic } from './statistics.entity.js';
import { StatisticsProjection } from './statistics.projection.js';
import { Unmoved } from './unmoved.js';

export { releaseMigrations } from './release.migrations.js';

export const releaseProjections = [StatisticsProjection];
export const releaseEntities = [Statistic];

/** Exports nothing to other rooms: data leave by its routes or not at all. */
@Module({
  imports: [CqrsModule],
  controllers: [ReleaseController, StatementController],
  providers: [
    PullReleaseHandler,
    ReadAgainHandler,
    ShowStatementHandler,
    Candidates,
    HandingOver,
    Unmoved,
  ],
})
export class ReleaseModule {}

/** Counts over a read model: nothing in them is about a person. */
@Module({
  imports: [CqrsModule],
  controllers: [StatisticsController],
  providers: [ShowStatisticsHandler],
})
export class StatisticsModule {}
