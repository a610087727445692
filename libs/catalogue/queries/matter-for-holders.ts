import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import pg from 'pg';
import type { MatterDefinition, TypeField } from '../catalogue.events.js';
import { CatalogueAbsent } from '../catalogue.errors.js';
import { type Exemption, MatterExemptionsHandler, MatterExemptionsQuery } from './exemptions.js';

/** A certificate that answers a material, with its names and those of its fields. */
export interface NamedAnswer {
  readonly type: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** The department that issues it. */
  readonly department: string;
  readonly departmentEn?: string;
  readonly whose: string;
  readonly fields: readonly { readonly key: string; readonly nameEn?: string }[];
}

/** A matter as a person looks it up: what need not be brought, and by which certificate. */
export interface MatterForHolders extends Omit<MatterDefinition, 'materials'> {
  readonly ruleVersion: number;
  readonly indicative: boolean;
  readonly materials: readonly (Omit<Exemption, 'answers'> & {
    readonly answers: readonly NamedAnswer[];
  })[];
}

export class ShowMatterToHolder extends Query<MatterForHolders> {
  constructor(readonly code: string) {
    super();
  }
}

interface MatterRow {
  readonly code: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly department: string;
  readonly department_en: string | null;
  readonly level: MatterDefinition['level'];
  readonly audience: MatterDefinition['audience'];
  readonly place: string | null;
  readonly bundle: string | null;
}
interface TypeRow {
  readonly code: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly department: string;
  readonly department_en: string | null;
  readonly fields: string;
}

const matterStatement = {
  name: 'catalogue-matter-for-holders',
  text: `SELECT code, name_zh, name_en, department, department_en, level, audience, place, bundle
         FROM catalogue_matter WHERE code = $1`,
};
const typesStatement = {
  name: 'catalogue-types-for-holders',
  text: `SELECT code, name_zh, name_en, department, department_en, fields
         FROM catalogue_type WHERE code = ANY($1::text[])`,
};

@QueryHandler(ShowMatterToHolder)
export class ShowMatterToHolderHandler implements IQueryHandler<ShowMatterToHolder> {
  readonly #exemptions: MatterExemptionsHandler;

  constructor(private readonly pool: pg.Pool) {
    this.#exemptions = new MatterExemptionsHandler(pool);
  }

  async execute({ code }: ShowMatterToHolder): Promise<MatterForHolders> {
    const [{ rows }, { ruleVersion, indicative, materials }] = await Promise.all([
      this.pool.query<MatterRow>({ ...matterStatement, values: [code] }),
      this.#exemptions.execute(new MatterExemptionsQuery(code)),
    ]);
    const [row] = rows;
    if (row === undefined)
      throw new CatalogueAbsent('matter_unknown', 'there is no such matter', { matter: code });
    const types = await this.types(
      materials.flatMap(({ answers }) => answers.map(({ type }) => type)),
    );
    return {
      code: row.code,
      nameZh: row.name_zh,
      nameEn: row.name_en,
      department: row.department,
      ...(row.department_en !== null && { departmentEn: row.department_en }),
      level: row.level,
      audience: row.audience,
      place: row.place,
      bundle: row.bundle,
      ruleVersion,
      indicative,
      materials: materials.map(({ answers, ...material }) => ({
        ...material,
        answers: answers.map(({ type, whose, fields }) =>
          named(types.get(type), { type, whose, fields }),
        ),
      })),
    };
  }

  private async types(codes: readonly string[]): Promise<ReadonlyMap<string, TypeRow>> {
    const { rows } = await this.pool.query<TypeRow>({
      ...typesStatement,
      values: [[...new Set(codes)]],
    });
    return new Map(rows.map((row) => [row.code, row]));
  }
}

/** The types may be folded later than the rules: then codes and keys stand for names. */
function named(
  row: TypeRow | undefined,
  { type, whose, fields }: Exemption['answers'][number],
): NamedAnswer {
  const known = row === undefined ? [] : (JSON.parse(row.fields) as readonly TypeField[]);
  return {
    type,
    nameZh: row?.name_zh ?? type,
    nameEn: row?.name_en ?? type,
    department: row?.department ?? '',
    ...(typeof row?.department_en === 'string' && { departmentEn: row.department_en }),
    whose,
    fields: fields.map((key) => {
      const nameEn = known.find((field) => field.key === key)?.nameEn;
      return { key, ...(nameEn !== undefined && { nameEn }) };
    }),
  };
}
