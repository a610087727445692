import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { PaperStatistic } from '../papers.entity.js';

export const paperDimensions = [
  'reason',
  'material',
  'matter',
  'day',
  'department',
  'window',
  'town',
] as const;
export type PaperDimension = (typeof paperDimensions)[number];

export interface Papers {
  readonly from: string;
  readonly to: string;
  readonly by: PaperDimension;
  /** Of all rows, including those beyond the limit. */
  readonly total: number;
  readonly rows: readonly { readonly key: string; readonly papers: number }[];
}

/**
 * Papers that were brought between two days of Asia/Shanghai (both inclusive), by one dimension,
 * most first. They hold nothing about persons.
 */
export class ShowPapers extends Query<Papers> {
  constructor(
    readonly from: string,
    readonly to: string,
    readonly by: PaperDimension,
  ) {
    super();
  }
}

const columns: Record<PaperDimension, string> = {
  reason: 's.reason',
  material: 's.material',
  matter: 's.matter',
  day: 's.day',
  department: 's.department',
  // Windows are named within their department: two with one name are distinct.
  window: "s.department || '/' || s.windowId",
  town: 's.town',
};

/** More than the matters of a district in all its towns. */
const maxRows = 50_000;

interface Row {
  readonly key: string;
  readonly papers: string;
  readonly total: string;
}

@QueryHandler(ShowPapers)
export class ShowPapersHandler implements IQueryHandler<ShowPapers> {
  constructor(private readonly database: DataSource) {}

  async execute({ from, to, by }: ShowPapers): Promise<Papers> {
    const rows = await this.database
      .getRepository(PaperStatistic)
      .createQueryBuilder('s')
      .select(columns[by], 'key')
      .addSelect('sum(s.papers)', 'papers')
      .addSelect('sum(sum(s.papers)) OVER ()', 'total')
      .where('s.day BETWEEN :from AND :to', { from, to })
      .groupBy(columns[by])
      .orderBy('sum(s.papers)', 'DESC')
      .addOrderBy(columns[by])
      .limit(maxRows)
      .getRawMany<Row>();
    return {
      from,
      to,
      by,
      total: Number(rows[0]?.total ?? 0),
      rows: rows.map(({ key, papers }) => ({ key, papers: Number(papers) })),
    };
  }
}
