import type { Schemas } from '#libs/event-store';
import type { Fact, JsonObject } from '#libs/kernel';

export type FieldKind = 'text' | 'date' | 'code' | 'number' | 'rows' | 'image' | 'file';

/** A field of a certificate type. Its key is its Chinese name in the catalogue, e.g. `公民身份号码`. */
export interface TypeField {
  readonly key: string;
  readonly kind: FieldKind;
}

/** Stream `type-<code>`, e.g. `type-ZZ001`. `validity` is an ISO 8601 duration, null for no expiry. `schema` is the JSON Schema of the fields. */
export interface TypeDefinition {
  readonly code: string;
  readonly category: 'certificate' | 'proof';
  readonly nameZh: string;
  readonly nameEn: string;
  readonly department: string;
  readonly holder: 'natural' | 'legal' | 'both';
  readonly validity: string | null;
  readonly nationalTypeCode: string | null;
  readonly fields: readonly TypeField[];
  readonly schema: JsonObject;
}
export type TypeDefined = Fact<'TypeDefined', TypeDefinition>;
export type TypeChanged = Fact<'TypeChanged', TypeDefinition>;
export type TypeEvent = TypeDefined | TypeChanged;

/**
 * Which certificate type answers a material, whose (the participant's role), and the fewest fields that the matter needs of it.
 * Answers of one role are alternatives. Answers of different roles are each needed, of the roles that take part in the case.
 */
export interface Answer {
  readonly type: string;
  readonly whose: string;
  readonly fields: readonly string[];
}

/** Why a material must come as the original: it is taken back, or an officer must see the paper itself. */
export type OriginalReason = 'original_surrendered' | 'original_inspected';

/** A material of a matter. No answers, or answers without fields: not exemptible; `original` says why, where the rule says it. */
export interface MaterialRule {
  readonly material: string;
  readonly nameZh: string;
  readonly answers: readonly Answer[];
  readonly original?: OriginalReason;
}

/** Stream `matter-<code>`, e.g. `matter-SX0001` or `matter-SX0001.0031` at a place. */
export interface MatterDefinition {
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly department: string;
  readonly level: 'municipal' | 'district' | 'town' | 'village';
  readonly audience: 'natural' | 'legal';
  readonly place: string | null;
  readonly bundle: string | null;
  readonly materials: readonly { readonly code: string; readonly nameZh: string }[];
}
export type MatterDefined = Fact<'MatterDefined', MatterDefinition>;
export type MatterChanged = Fact<'MatterChanged', MatterDefinition>;
/** `rules` counts from 1 in the matter's stream; `indicative` says that nobody's law stands behind it yet. */
export type RulesSet = Fact<
  'RulesSet',
  {
    readonly rules: number;
    readonly indicative: boolean;
    readonly materials: readonly MaterialRule[];
  }
>;
export type MatterEvent = MatterDefined | MatterChanged | RulesSet;

/** The schemas that these events have had. */
export const typeSchemas: Schemas<TypeEvent['type']> = {
  TypeDefined: [],
  TypeChanged: [],
};

/** The schemas that these events have had. */
export const matterSchemas: Schemas<MatterEvent['type']> = {
  MatterDefined: [],
  MatterChanged: [],
  RulesSet: [],
};
