import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import pg from 'pg';
import type {
  Answer,
  MaterialRule,
  MatterDefinition,
  OriginalReason,
} from '../catalogue.events.js';
import { CatalogueAbsent } from '../catalogue.errors.js';
import { rulesFor } from '../matter.decider.js';

/**
 * Whether a material of a matter can be answered by the ledger: by which types, whose, and with
 * which fields.
 */
export interface Exemption {
  readonly material: string;
  readonly nameZh: string;
  readonly nameEn?: string;
  readonly exemptible: boolean;
  /** Why it is not exemptible; null where it is. */
  readonly reason: 'no_rule' | OriginalReason | null;
  readonly answers: readonly Answer[];
}

export interface MatterExemptions {
  readonly matter: string;
  readonly nameZh: string;
  /**
   * The matter in whose stream the rules stand: itself, or the basic matter of a matter at a place.
   */
  readonly rulesOf: string;
  readonly ruleVersion: number;
  readonly indicative: boolean;
  readonly materials: readonly Exemption[];
}

/** Which materials of a matter are exemptible. */
export class MatterExemptionsQuery extends Query<MatterExemptions> {
  constructor(readonly matter: string) {
    super();
  }
}

interface Row {
  readonly name_zh: string;
  readonly materials: string;
  readonly rules_of: string;
  readonly rules: number | null;
  readonly indicative: boolean | null;
  readonly answers: string | null;
}

/** Named, so that the server plans it once a connection: this is asked at every case. */
const statement = {
  name: 'catalogue-exemptions',
  text: `SELECT own.name_zh, own.materials, r.code AS rules_of, r.rules, r.indicative, r.answers
         FROM catalogue_exemption own
         JOIN catalogue_exemption r
           ON r.code = CASE WHEN own.rules IS NULL THEN own.basic ELSE own.code END
         WHERE own.code = $1`,
};

@QueryHandler(MatterExemptionsQuery)
export class MatterExemptionsHandler implements IQueryHandler<MatterExemptionsQuery> {
  constructor(private readonly pool: pg.Pool) {}

  async execute({ matter }: MatterExemptionsQuery): Promise<MatterExemptions> {
    const { rows } = await this.pool.query<Row>({ ...statement, values: [matter] });
    const [row] = rows;
    if (row === undefined)
      throw new CatalogueAbsent('matter_unknown', 'there is no such matter', { matter });
    const materials = JSON.parse(row.materials) as MatterDefinition['materials'];
    const rules = row.answers === null ? [] : (JSON.parse(row.answers) as MaterialRule[]);
    return {
      matter,
      nameZh: row.name_zh,
      rulesOf: row.rules_of,
      ruleVersion: row.rules ?? 0,
      indicative: row.indicative ?? false,
      materials: rulesFor({ materials }, rules).map(exemptionOf),
    };
  }
}

function exemptionOf({ material, nameZh, nameEn, answers, original }: MaterialRule): Exemption {
  const possible = answers.filter(({ fields }) => fields.length > 0);
  const exemptible = possible.length > 0;
  return {
    material,
    nameZh,
    ...(nameEn !== undefined && { nameEn }),
    exemptible,
    reason: exemptible ? null : (original ?? 'no_rule'),
    answers: possible,
  };
}
