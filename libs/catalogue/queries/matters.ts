import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { CatalogueMatter } from '../matters.entity.js';
import type { MatterDefinition } from '../catalogue.events.js';

export interface MatterSearch {
  /**
   * Words that must all be found, each anywhere in code, names, department, place, bundle or
   * materials.
   */
  readonly q?: string | undefined;
  readonly place?: string | undefined;
  readonly department?: string | undefined;
  readonly level?: MatterDefinition['level'] | undefined;
  readonly audience?: MatterDefinition['audience'] | undefined;
  readonly bundle?: string | undefined;
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

export interface MattersFound {
  readonly total: number;
  readonly matters: readonly MatterDefinition[];
}

/** Searches the matters, in the order of their codes. */
export class SearchMatters extends Query<MattersFound> {
  constructor(readonly search: MatterSearch) {
    super();
  }
}

@QueryHandler(SearchMatters)
export class SearchMattersHandler implements IQueryHandler<SearchMatters> {
  constructor(private readonly dataSource: DataSource) {}

  async execute({ search }: SearchMatters): Promise<MattersFound> {
    const query = this.dataSource.getRepository(CatalogueMatter).createQueryBuilder('matter');
    for (const [i, word] of (search.q ?? '').toLowerCase().split(/\s+/).entries())
      if (word !== '')
        query.andWhere(`matter.search LIKE :word${i}`, { [`word${i}`]: within(word) });
    for (const column of ['place', 'department', 'level', 'audience', 'bundle'] as const)
      if (search[column] !== undefined)
        query.andWhere(`matter.${column} = :${column}`, { [column]: search[column] });
    const [found, total] = await query
      .orderBy('matter.code')
      .skip((search.page - 1) * search.size)
      .take(search.size)
      .getManyAndCount();
    return { total, matters: found.map(definitionOf) };
  }
}

/** A word as a LIKE pattern; its own wildcards are letters. */
const within = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`;

const definitionOf = (row: CatalogueMatter): MatterDefinition => ({
  code: row.code,
  nameZh: row.nameZh,
  nameEn: row.nameEn,
  department: row.department,
  ...(row.departmentEn !== null && { departmentEn: row.departmentEn }),
  level: row.level,
  audience: row.audience,
  place: row.place,
  bundle: row.bundle,
  materials: JSON.parse(row.materials) as MatterDefinition['materials'],
});
