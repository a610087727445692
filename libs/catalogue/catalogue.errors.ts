import { AbsentError, InvalidError } from '#libs/kernel';

/**
 * A file that is not a catalogue file at all: nothing of it was taken. `line` counts from 1, the
 * header being 1.
 */
export class CatalogueFileInvalid extends InvalidError<
  | 'file_empty'
  | 'file_malformed'
  | 'file_too_long'
  | 'columns_too_many'
  | 'file_not_utf8'
  | 'column_missing'
  | 'column_unknown'
  | 'column_twice'
  | 'rules_scattered'
> {}

/** Why a line of a catalogue file was refused. The line is left out, the others go on. */
export const lineRefusals = [
  'columns_wrong',
  'quotation_wrong',
  'value_missing',
  'value_malformed',
  'code_malformed',
  'code_duplicate',
  'category_unknown',
  'holder_unknown',
  'validity_malformed',
  'national_code_malformed',
  'national_code_check',
  'number_unique_unknown',
  'number_field_wrong',
  'field_unknown',
  'field_duplicate',
  'kind_unknown',
  'owner_unknown',
  'level_unknown',
  'audience_unknown',
  'materials_unequal',
  'names_unequal',
  'material_duplicate',
  'material_unknown',
  'type_unknown',
  'matter_unknown',
  'role_unknown',
  'role_cannot_hold',
  'indicative_unknown',
  'reason_unknown',
  'reason_missing',
  'reason_unwanted',
  'sibling_refused',
] as const;
export type LineRefusal = (typeof lineRefusals)[number];

/**
 * What one line cannot be taken for. `detail` names the column, code or field, never a value of a
 * person: catalogues hold none.
 */
export class LineInvalid extends InvalidError<LineRefusal> {
  constructor(
    code: LineRefusal,
    readonly detail: string,
  ) {
    super(code, `${code}: ${detail}`, { detail });
  }
}

/**
 * A rule that does not fit the matter or the types it names. Judged against the streams, after the
 * line was read.
 */
export class RuleRefused extends InvalidError<'matter_unknown' | 'material_unknown'> {}

export class CatalogueAbsent extends AbsentError<'matter_unknown' | 'type_unknown'> {}
