import type { Schemas } from '#libs/event-store';
import type { Fact, JsonObject } from '#libs/kernel';
import type { FieldOwner } from './field-owner.js';

/** `partial-date`: a day, or as much of it as the paper itself prints. */
export type FieldKind =
  'text' | 'lines' | 'date' | 'partial-date' | 'code' | 'number' | 'rows' | 'image' | 'file';

/**
 * What a field says of a person, and of which one; see `fieldOwners`. `kinds`: only numbers of
 * these kinds are meant.
 */
export interface FieldPerson {
  readonly says: 'name' | 'number' | 'numbers' | 'sex' | 'birth';
  readonly whose: FieldOwner;
  readonly kinds?: readonly string[];
}

/**
 * A field of a certificate type, whose key is its Chinese name in the catalogue, such as `公民身份号码`.
 */
export interface TypeField {
  readonly key: string;
  /** Absent where the catalogue has none: people then read the key. */
  readonly nameEn?: string;
  readonly kind: FieldKind;
  /** Absent where it says nothing of a person, or is the holder's name. */
  readonly person?: FieldPerson;
}

/**
 * Which field of a type is the paper's own number, and what that number tells apart: `paper` one
 * paper of the authority, `paper-and-holder` the part of the paper that is of one holder (a
 * household number stands on the page of each member).
 */
export interface PaperNumber {
  readonly field: string;
  readonly unique: 'paper' | 'paper-and-holder';
}

/**
 * Stream `type-<code>`, such as `type-ZZ001`. `validity` is an ISO 8601 duration, null for no
 * expiry; `schema` is the JSON Schema of the fields; `number` is null where papers of the type have
 * none.
 */
export interface TypeDefinition {
  readonly code: string;
  readonly category: 'certificate' | 'proof';
  readonly nameZh: string;
  readonly nameEn: string;
  readonly department: string;
  /** Absent where the catalogue has none, as are the English names below. */
  readonly departmentEn?: string;
  readonly holder: 'natural' | 'legal' | 'both';
  /**
   * Of an e-proof that is a decision of its department: it is printed again, and never made at a
   * kiosk. Absent everywhere else.
   */
  readonly decision?: true;
  readonly validity: string | null;
  readonly nationalTypeCode: string | null;
  readonly number: PaperNumber | null;
  readonly fields: readonly TypeField[];
  readonly schema: JsonObject;
}
export type TypeDefined = Fact<'TypeDefined', TypeDefinition>;
export type TypeChanged = Fact<'TypeChanged', TypeDefinition>;
export type TypeEvent = TypeDefined | TypeChanged;

/**
 * Which certificate type answers a material, whose (the participant's role), and the fewest fields
 * that the matter needs of it. Answers of one role are alternatives; of different roles that take
 * part in the case, each is needed.
 */
export interface Answer {
  readonly type: string;
  readonly whose: string;
  readonly fields: readonly string[];
}

/**
 * Why a material must come as the original: it is taken back, or an officer must see the paper
 * itself.
 */
export type OriginalReason = 'original_surrendered' | 'original_inspected';

/**
 * A material of a matter. No answers, or answers without fields: not exemptible; `original` says
 * why, where the rule says it.
 */
export interface MaterialRule {
  readonly material: string;
  readonly nameZh: string;
  readonly nameEn?: string;
  readonly answers: readonly Answer[];
  readonly original?: OriginalReason;
}
/** A rule before it has its names, which are those of the matter's definition. */
export type UnnamedRule = Omit<MaterialRule, 'nameZh' | 'nameEn'>;

/** A material as a matter names it. */
export interface MatterMaterial {
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn?: string;
}

/** `print`: what the materials are of is printed for its holder, and nothing is decided. */
export const selfServices = ['print'] as const;
export type SelfService = (typeof selfServices)[number];

/** Stream `matter-<code>`, e.g. `matter-SX0001` or `matter-SX0001.0031` at a place. */
export interface MatterDefinition {
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly department: string;
  readonly departmentEn?: string;
  readonly level: 'municipal' | 'district' | 'town' | 'village';
  readonly audience: 'natural' | 'legal';
  readonly place: string | null;
  readonly bundle: string | null;
  readonly materials: readonly MatterMaterial[];
  /** What a kiosk does for it, day and night; absent where a window or a phone is needed. */
  readonly selfService?: SelfService;
}
export type MatterDefined = Fact<'MatterDefined', MatterDefinition>;
export type MatterChanged = Fact<'MatterChanged', MatterDefinition>;
/**
 * `rules` counts from 1 in the matter's stream; `indicative` marks rules without a legal basis yet.
 */
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
