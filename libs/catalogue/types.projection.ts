import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { PositionedRecord } from '#libs/event-store';
import { Projection } from '#libs/projection';
import { type TypeDefinition, typeSchemas } from './catalogue.events.js';

/** Folds type definitions into the list of types. */
@Injectable()
export class TypesProjection extends Projection {
  readonly name = 'types';
  readonly tables = ['catalogue_type'];
  readonly folds = typeSchemas;

  async apply(page: readonly PositionedRecord[], client: PoolClient): Promise<void> {
    const byCode = new Map<string, TypeDefinition>();
    for (const { body } of page) {
      const definition = body.data as unknown as TypeDefinition;
      byCode.set(definition.code, definition);
    }
    const types = [...byCode.values()];
    if (types.length === 0) return;
    await client.query(
      `INSERT INTO catalogue_type (code, category, name_zh, name_en, department, holder, validity, fields)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                            $7::text[], $8::text[])
       ON CONFLICT (code) DO UPDATE SET
         category = excluded.category, name_zh = excluded.name_zh, name_en = excluded.name_en,
         department = excluded.department, holder = excluded.holder, validity = excluded.validity,
         fields = excluded.fields`,
      [
        types.map(({ code }) => code),
        types.map(({ category }) => category),
        types.map(({ nameZh }) => nameZh),
        types.map(({ nameEn }) => nameEn),
        types.map(({ department }) => department),
        types.map(({ holder }) => holder),
        types.map(({ validity }) => validity),
        types.map(({ fields }) => JSON.stringify(fields)),
      ],
    );
  }
}
