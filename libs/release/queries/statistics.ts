import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { Statistic } from '../statistics.entity.js';

export const statisticDimensions = [
  'day',
  'type',
  'matter',
  'department',
  'window',
  'town',
] as const;
export type StatisticDimension = (typeof statisticDimensions)[number];

export interface Counts {
  readonly exemptions: number;
  readonly releases: number;
  readonly readings: number;
}

export interface Statistics {
  readonly from: string;
  readonly to: string;
  readonly by: StatisticDimension;
  readonly totals: Counts;
  readonly rows: readonly (Counts & { readonly key: string })[];
}

/** Counts between two days of Asia/Shanghai (both inclusive), by one dimension. Nothing in them is about a person. */
export class ShowStatistics extends Query<Statistics> {
  constructor(
    readonly from: string,
    readonly to: string,
    readonly by: StatisticDimension,
  ) {
    super();
  }
}

const columns: Record<StatisticDimension, string> = {
  day: 's.day',
  type: 's.type',
  matter: 's.matter',
  department: 's.department',
  window: 's.windowId',
  town: 's.town',
};

const longest = 10_000;

@QueryHandler(ShowStatistics)
export class ShowStatisticsHandler implements IQueryHandler<ShowStatistics> {
  constructor(private readonly database: DataSource) {}

  async execute({ from, to, by }: ShowStatistics): Promise<Statistics> {
    const found = await this.database
      .getRepository(Statistic)
      .createQueryBuilder('s')
      .select(columns[by], 'key')
      .addSelect('sum(s.exemptions)', 'exemptions')
      .addSelect('sum(s.releases)', 'releases')
      .addSelect('sum(s.readings)', 'readings')
      .where('s.day BETWEEN :from AND :to', { from, to })
      .groupBy(columns[by])
      .orderBy(columns[by])
      .limit(longest)
      .getRawMany<{ key: string; exemptions: string; releases: string; readings: string }>();
    const rows = found.map(({ key, exemptions, releases, readings }) => ({
      key,
      exemptions: Number(exemptions),
      releases: Number(releases),
      readings: Number(readings),
    }));
    return {
      from,
      to,
      by,
      totals: rows.reduce<Counts>(
        (sum, row) => ({
          exemptions: sum.exemptions + row.exemptions,
          releases: sum.releases + row.releases,
          readings: sum.readings + row.readings,
        }),
        { exemptions: 0, releases: 0, readings: 0 },
      ),
      rows,
    };
  }
}
