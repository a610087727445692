import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection } from '#libs/feed';
import { type MatterDefinition, type MatterEvent, matterSchemas } from './catalogue.events.js';
import { pinyinOf } from './search/pinyin.js';

const definitions = schemasOf(matterSchemas, 'MatterDefined', 'MatterChanged');
type Definition = Extract<MatterEvent, { readonly type: keyof typeof definitions }>;

/** Folds matters into what a search looks through. */
@Injectable()
export class MattersProjection extends Projection<Definition> {
  readonly name = 'matters';
  readonly tables = ['catalogue_matter'];
  readonly folds = definitions;

  async apply(page: readonly RecordedEvent<Definition>[], client: PoolClient): Promise<void> {
    if (page.length === 0) return;
    const byCode = new Map(page.map(({ data }, n) => [data.code, { data, nth: n + 1 }]));
    const rows = [...byCode.values()];
    const matters = rows.map(({ data }) => data);
    const pinyin = await pinyinOf(matters.map(({ nameZh }) => nameZh));
    // A row's version counts events up to its own last one, however the feed is cut into pages: the
    // highest one tells whether anything changed since.
    await client.query(
      `INSERT INTO catalogue_matter
         (code, name_zh, name_en, department, department_en, level, audience, place, bundle, materials,
          self_service, search, initials, syllables, version)
       SELECT code, name_zh, name_en, department, department_en, level, audience, place, bundle,
              materials, self_service, search, initials, syllables,
              nth + (SELECT coalesce(max(version), 0) FROM catalogue_matter)
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                   $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                   $13::text[], $14::text[], $15::bigint[])
         AS m (code, name_zh, name_en, department, department_en, level, audience, place, bundle,
               materials, self_service, search, initials, syllables, nth)
       ON CONFLICT (code) DO UPDATE SET
         name_zh = excluded.name_zh, name_en = excluded.name_en, department = excluded.department,
         department_en = excluded.department_en,
         level = excluded.level, audience = excluded.audience, place = excluded.place,
         bundle = excluded.bundle, materials = excluded.materials,
         self_service = excluded.self_service, search = excluded.search,
         initials = excluded.initials, syllables = excluded.syllables, version = excluded.version`,
      [
        matters.map(({ code }) => code),
        matters.map(({ nameZh }) => nameZh),
        matters.map(({ nameEn }) => nameEn),
        matters.map(({ department }) => department),
        matters.map(({ departmentEn }) => departmentEn ?? null),
        matters.map(({ level }) => level),
        matters.map(({ audience }) => audience),
        matters.map(({ place }) => place),
        matters.map(({ bundle }) => bundle),
        matters.map(({ materials }) => JSON.stringify(materials)),
        matters.map(({ selfService }) => selfService ?? null),
        matters.map(searchText),
        pinyin.map(({ initials }) => initials),
        pinyin.map(({ syllables }) => syllables),
        rows.map(({ nth }) => nth),
      ],
    );
  }
}

/** One line a thing, so that no word is found across two of them. */
const searchText = (matter: MatterDefinition): string =>
  [
    matter.code,
    matter.nameZh,
    matter.nameEn,
    matter.department,
    matter.departmentEn ?? '',
    matter.place ?? '',
    matter.bundle ?? '',
    ...matter.materials.flatMap(({ nameZh, nameEn }) => [nameZh, nameEn ?? '']),
  ]
    .join('\n')
    .toLowerCase();
