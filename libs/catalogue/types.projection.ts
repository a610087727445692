import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { RecordedEvent } from '#libs/event-store';
import { Projection } from '#libs/feed';
import { type TypeEvent, typeSchemas } from './catalogue.events.js';

/** Folds type definitions into the list of types. */
@Injectable()
export class TypesProjection extends Projection<TypeEvent> {
  readonly name = 'types';
  readonly tables = ['catalogue_type'];
  readonly folds = typeSchemas;

  async apply(page: readonly RecordedEvent<TypeEvent>[], client: PoolClient): Promise<void> {
    const byCode = new Map(page.map(({ data }) => [data.code, data]));
    const types = [...byCode.values()];
    if (types.length === 0) return;
    await client.query(
      `INSERT INTO catalogue_type (code, category, name_zh, name_en, department, department_en,
                                   holder, validity, number_field, number_unique, fields)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
       ON CONFLICT (code) DO UPDATE SET
         category = excluded.category, name_zh = excluded.name_zh, name_en = excluded.name_en,
         department = excluded.department, department_en = excluded.department_en, holder = excluded.holder, validity = excluded.validity,
         number_field = excluded.number_field, number_unique = excluded.number_unique,
         fields = excluded.fields`,
      [
        types.map(({ code }) => code),
        types.map(({ category }) => category),
        types.map(({ nameZh }) => nameZh),
        types.map(({ nameEn }) => nameEn),
        types.map(({ department }) => department),
        types.map(({ departmentEn }) => departmentEn ?? null),
        types.map(({ holder }) => holder),
        types.map(({ validity }) => validity),
        types.map(({ number }) => number?.field ?? null),
        types.map(({ number }) => number?.unique ?? null),
        types.map(({ fields }) => JSON.stringify(fields)),
      ],
    );
  }
}
