import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { MatterDefinition } from '../catalogue.events.js';
import type { MatterFilter } from '../search/matter-index.js';
import { MatterSearch } from '../search/matter-search.js';

export type MattersWanted = MatterFilter & {
  /**
   * Words that must all be found: in code, names, department, place, bundle or materials, or as
   * the name's pinyin or its first letters.
   */
  readonly q?: string | undefined;
  /** From 1. */
  readonly page: number;
  readonly size: number;
};

export interface MattersFound {
  readonly total: number;
  readonly matters: readonly MatterDefinition[];
}

/** Searches the matters: the likeliest first, and without words in the order of their codes. */
export class SearchMatters extends Query<MattersFound> {
  constructor(readonly search: MattersWanted) {
    super();
  }
}

@QueryHandler(SearchMatters)
export class SearchMattersHandler implements IQueryHandler<SearchMatters> {
  constructor(private readonly search: MatterSearch) {}

  async execute({
    search: { q = '', page, size, ...filter },
  }: SearchMatters): Promise<MattersFound> {
    const index = await this.search.current();
    return index.search(q, filter, { skip: (page - 1) * size, take: size });
  }
}
