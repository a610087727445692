import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { CatalogueAbsent } from '../catalogue.errors.js';
import type { TypeDefinition } from '../catalogue.events.js';
import { Catalogue } from '../ports.js';
import { CatalogueType } from '../types.entity.js';

/** A type as the list shows it: without its schema. */
export type TypeSummary = Omit<TypeDefinition, 'schema' | 'nationalTypeCode' | 'decision'>;

/** All certificate types, in the order of their codes. */
export class ListTypes extends Query<readonly TypeSummary[]> {}

@QueryHandler(ListTypes)
export class ListTypesHandler implements IQueryHandler<ListTypes> {
  constructor(private readonly dataSource: DataSource) {}

  async execute(): Promise<readonly TypeSummary[]> {
    const rows = await this.dataSource
      .getRepository(CatalogueType)
      .find({ order: { code: 'ASC' } });
    return rows.map(({ fields, numberField, numberUnique, departmentEn, ...row }) => ({
      ...row,
      ...(departmentEn !== null && { departmentEn }),
      number:
        numberField === null || numberUnique === null
          ? null
          : { field: numberField, unique: numberUnique },
      fields: JSON.parse(fields) as TypeDefinition['fields'],
    }));
  }
}

/** One type with its schema, as its stream says now. */
export class FindType extends Query<TypeDefinition> {
  constructor(readonly code: string) {
    super();
  }
}

@QueryHandler(FindType)
export class FindTypeHandler implements IQueryHandler<FindType> {
  constructor(private readonly catalogue: Catalogue) {}

  async execute({ code }: FindType): Promise<TypeDefinition> {
    const found = await this.catalogue.type(code);
    if (found === null)
      throw new CatalogueAbsent('type_unknown', 'there is no such type', { type: code });
    return found;
  }
}
