import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { PaperStatistic } from './papers.entity.js';
import { PapersProjection } from './papers.projection.js';
import { ShowPapersHandler } from './queries/papers.js';
import { ShowStatisticsHandler } from './queries/statistics.js';
import { StatisticsController } from './statistics.controller.js';
import { Statistic } from './statistics.entity.js';
import { StatisticsProjection } from './statistics.projection.js';

export { statisticsMigrations } from './statistics.migrations.js';

export const statisticsProjections = [StatisticsProjection, PapersProjection];
export const statisticsEntities = [Statistic, PaperStatistic];

/** Counts over a read model: nothing in them is about a person. */
@Module({
  imports: [CqrsModule],
  controllers: [StatisticsController],
  providers: [ShowStatisticsHandler, ShowPapersHandler],
})
export class StatisticsModule {}
