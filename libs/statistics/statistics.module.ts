import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ShowStatisticsHandler } from './queries/statistics.js';
import { StatisticsController } from './statistics.controller.js';
import { Statistic } from './statistics.entity.js';
import { StatisticsProjection } from './statistics.projection.js';

export { statisticsMigrations } from './statistics.migrations.js';

export const statisticsProjections = [StatisticsProjection];
export const statisticsEntities = [Statistic];

/** Counts over a read model: nothing in them is about a person. */
@Module({
  imports: [CqrsModule],
  controllers: [StatisticsController],
  providers: [ShowStatisticsHandler],
})
export class StatisticsModule {}
