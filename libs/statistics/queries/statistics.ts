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

/**
 * Counts between two days of Asia/Shanghai (both inclusive), by one dimension. They hold nothing
 * about persons.
 */
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
  // Windows are named within their department: two with one name are distinct.
  window: "s.department || '/' || s.windowId",
  town: 's.town',
};

/** More than the matters of a district in all its towns. */
const maxRows = 50_000;

const counted = ['exemptions', 'releases', 'readings'] as const;
type Sums = Record<(typeof counted)[number], string>;
type Row = Sums & Record<`all_${keyof Sums}`, string> & { readonly key: string };

@QueryHandler(ShowStatistics)
export class ShowStatisticsHandler implements IQueryHandler<ShowStatistics> {
  /** The most rows of an answer. */
  protected readonly maxRows: number = maxRows;

  constructor(private readonly database: DataSource) {}

  async execute({ from, to, by }: ShowStatistics): Promise<Statistics> {
    const query = this.database
      .getRepository(Statistic)
      .createQueryBuilder('s')
      .select(columns[by], 'key');
    for (const count of counted)
      query
        .addSelect(`sum(s.${count})`, count)
        // Over all rows, including those beyond the limit.
        .addSelect(`sum(sum(s.${count})) OVER ()`, `all_${count}`);
    const found = await query
      .where('s.day BETWEEN :from AND :to', { from, to })
      .groupBy(columns[by])
      .orderBy(columns[by])
      .limit(this.maxRows)
      .getRawMany<Row>();
    const [first] = found;
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
      totals: {
        exemptions: Number(first?.all_exemptions ?? 0),
        releases: Number(first?.all_releases ?? 0),
        readings: Number(first?.all_readings ?? 0),
      },
      rows,
    };
  }
}
