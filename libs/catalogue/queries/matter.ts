import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { CatalogueAbsent } from '../catalogue.errors.js';
import { Catalogue, type MatterWithRules } from '../ports.js';

/** One matter, as its stream says now. */
export class FindMatter extends Query<MatterWithRules> {
  constructor(readonly code: string) {
    super();
  }
}

@QueryHandler(FindMatter)
export class FindMatterHandler implements IQueryHandler<FindMatter> {
  constructor(private readonly catalogue: Catalogue) {}

  async execute({ code }: FindMatter): Promise<MatterWithRules> {
    const found = await this.catalogue.matter(code);
    if (found === null)
      throw new CatalogueAbsent('matter_unknown', 'there is no such matter', { matter: code });
    return found;
  }
}
