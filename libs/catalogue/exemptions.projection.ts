import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { RecordedEvent } from '#libs/event-store';
import { Projection } from '#libs/feed';
import {
  type MatterDefinition,
  type MatterEvent,
  matterSchemas,
  type RulesSet,
} from './catalogue.events.js';
import { basicMatter } from './matter.decider.js';
import { matterStream } from './catalogue.stream.js';

interface Row {
  readonly definition: MatterDefinition | null;
  readonly rules: RulesSet['data'] | null;
}

/** Folds matters and rules into what the exemption query reads in one look. */
@Injectable()
export class ExemptionsProjection extends Projection<MatterEvent> {
  readonly name = 'exemptions';
  readonly tables = ['catalogue_exemption'];
  readonly folds = matterSchemas;

  async apply(page: readonly RecordedEvent<MatterEvent>[], client: PoolClient): Promise<void> {
    const rows = new Map<string, Row>();
    for (const event of page) {
      const code = event.stream.slice(matterStream('').length);
      const row = rows.get(code) ?? { definition: null, rules: null };
      rows.set(
        code,
        event.type === 'RulesSet'
          ? { ...row, rules: event.data }
          : { ...row, definition: event.data },
      );
    }
    if (rows.size === 0) return;
    const codes = [...rows.keys()];
    const values = [...rows.values()];
    await client.query(
      `INSERT INTO catalogue_exemption AS old
         (code, basic, name_zh, materials, rules, indicative, answers)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::boolean[],
                            $7::text[])
       ON CONFLICT (code) DO UPDATE SET
         name_zh = coalesce(excluded.name_zh, old.name_zh),
         materials = coalesce(excluded.materials, old.materials),
         rules = coalesce(excluded.rules, old.rules),
         indicative = coalesce(excluded.indicative, old.indicative),
         answers = coalesce(excluded.answers, old.answers)`,
      [
        codes,
        codes.map(basicMatter),
        values.map(({ definition }) => definition?.nameZh ?? null),
        values.map(({ definition }) => json(definition?.materials)),
        values.map(({ rules }) => rules?.rules ?? null),
        values.map(({ rules }) => rules?.indicative ?? null),
        values.map(({ rules }) => json(rules?.materials)),
      ],
    );
  }
}

const json = (value: unknown): string | null =>
  value === undefined ? null : JSON.stringify(value);
