import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import type { CatalogueFileKind } from './catalogue-file.js';
import { type LineRefusal, lineRefusals } from './catalogue.errors.js';
import { type FieldKind, type SelfService, selfServices } from './catalogue.events.js';
import { type EnglishMissing, englishMissingReasons } from './english-missing.js';
import { fieldKinds } from './field-kinds.js';
import { type FieldOwner, fieldOwners } from './field-owner.js';
import { participantRoles } from './roles.js';

const levels = ['municipal', 'district', 'town', 'village'] as const;
const audiences = ['natural', 'legal'] as const;
const roles = Object.keys(participantRoles);

/** A matter's code in a path. */
export class MatterCodeDto {
  @ApiProperty({
    example: 'SX0001',
    description: 'Code of a matter; of a local variant `SX0001.0031`.',
  })
  @Matches(/^[A-Z]{2}\d{4}(\.\d{4})?$/)
  code!: string;
}

/** A type's code in a path. */
export class TypeCodeDto {
  @ApiProperty({ example: 'ZZ001', description: 'Code of a certificate type.' })
  @Matches(/^[A-Z]{2}\d{3}$/)
  code!: string;
}

export class FieldPersonDto {
  @ApiProperty({ enum: ['name', 'number', 'numbers', 'sex', 'birth'], example: 'number' })
  says!: 'name' | 'number' | 'numbers' | 'sex' | 'birth';

  @ApiProperty({ enum: fieldOwners, example: 'holder', description: 'The subject concerned.' })
  whose!: FieldOwner;

  @ApiProperty({
    type: [String],
    required: false,
    example: ['111'],
    description: 'Kinds of numbers (GB/T 36903) allowed there; absent: any.',
  })
  kinds?: readonly string[];
}

export class TypeFieldDto {
  @ApiProperty({ example: '公民身份号码' })
  key!: string;

  @ApiProperty({
    required: false,
    example: 'Citizen identity number',
    description: 'Absent if the catalogue has none.',
  })
  nameEn?: string;

  @ApiProperty({ enum: fieldKinds, example: 'code' })
  kind!: FieldKind;

  @ApiProperty({
    type: FieldPersonDto,
    required: false,
    description: 'Absent if the field is not personal, or is the holder’s name.',
  })
  person?: FieldPersonDto;
}

export class PaperNumberDto {
  @ApiProperty({
    example: '公民身份号码',
    description: 'The field that holds the number of the certificate.',
  })
  field!: string;

  @ApiProperty({
    enum: ['paper', 'paper-and-holder'],
    example: 'paper',
    description:
      'What the number identifies within one authority: a certificate, or one holder’s part of it.',
  })
  unique!: 'paper' | 'paper-and-holder';
}

export class TypeSummaryDto {
  @ApiProperty({ example: 'ZZ001' })
  code!: string;

  @ApiProperty({ enum: ['certificate', 'proof'], example: 'certificate' })
  category!: 'certificate' | 'proof';

  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;

  @ApiProperty({ example: 'Resident Identity Card' })
  nameEn!: string;

  @ApiProperty({ example: '公安', description: 'The department that issues it.' })
  department!: string;

  @ApiProperty({
    required: false,
    example: 'Public Security',
    description: 'Absent if the catalogue has none.',
  })
  departmentEn?: string;

  @ApiProperty({ enum: ['natural', 'legal', 'both'], example: 'natural' })
  holder!: 'natural' | 'legal' | 'both';

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'P20Y',
    description: 'ISO 8601 duration; null for no expiry.',
  })
  validity!: string | null;

  @ApiProperty({
    type: PaperNumberDto,
    nullable: true,
    description:
      'What identifies a certificate within its authority; null if the type has no number.',
  })
  number!: PaperNumberDto | null;

  @ApiProperty({ type: [TypeFieldDto] })
  fields!: readonly TypeFieldDto[];
}

export class TypeDto extends TypeSummaryDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '11100000000013127D001',
    description: 'GB/T 36904 type code, where one is known.',
  })
  nationalTypeCode!: string | null;

  @ApiProperty({
    required: false,
    enum: [true],
    example: true,
    description: 'An e-proof that is a decision: a kiosk prints it again, and does not make it.',
  })
  decision?: true;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'JSON Schema of the fields.',
    example: { type: 'object', properties: { 姓名: { type: 'string' } }, required: ['姓名'] },
  })
  schema!: object;
}

export class TypesDto {
  @ApiProperty({ type: [TypeSummaryDto] })
  types!: readonly TypeSummaryDto[];
}

export class MattersQueryDto {
  @ApiProperty({
    required: false,
    example: '参保 灵活就业',
    description:
      'Words that must all be found: in code, names, department, place, bundle or materials, or as the name’s pinyin or its first letters (`lhjy`). The likeliest matter comes first. Where nothing is found, one typing error a word is forgiven.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  q?: string;

  @ApiProperty({ required: false, example: '示例镇001', description: 'Only this place.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  place?: string;

  @ApiProperty({ required: false, example: '人社' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  department?: string;

  @ApiProperty({ required: false, enum: levels, example: 'district' })
  @IsOptional()
  @IsIn(levels)
  level?: (typeof levels)[number];

  @ApiProperty({ required: false, enum: audiences, example: 'natural' })
  @IsOptional()
  @IsIn(audiences)
  audience?: (typeof audiences)[number];

  @ApiProperty({
    required: false,
    enum: selfServices,
    example: 'print',
    description: 'What kiosks do themselves. Without it, what windows handle.',
  })
  @IsOptional()
  @IsIn(selfServices)
  selfService?: SelfService;

  @ApiProperty({ required: false, example: '灵活就业', description: 'A bundle (一件事一次办).' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  bundle?: string;

  @ApiProperty({ required: false, example: 1, default: 1, description: 'Page, from 1.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  page?: number;

  @ApiProperty({ required: false, example: 20, default: 20, description: 'Matters per page.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  size?: number;
}

export class MaterialDto {
  @ApiProperty({ example: 'ZZ001' })
  code!: string;

  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;

  @ApiProperty({
    required: false,
    example: 'Resident Identity Card',
    description: 'Absent if the catalogue has none.',
  })
  nameEn?: string;
}

export class MatterDto {
  @ApiProperty({ example: 'SX0001' })
  code!: string;

  @ApiProperty({ example: '灵活就业人员参保登记' })
  nameZh!: string;

  @ApiProperty({ example: 'Social insurance enrolment of flexibly employed persons' })
  nameEn!: string;

  @ApiProperty({ example: '人社' })
  department!: string;

  @ApiProperty({
    required: false,
    example: 'Human Resources and Social Security',
    description: 'Absent if the catalogue has none.',
  })
  departmentEn?: string;

  @ApiProperty({ enum: levels, example: 'district' })
  level!: (typeof levels)[number];

  @ApiProperty({ enum: audiences, example: 'natural' })
  audience!: (typeof audiences)[number];

  @ApiProperty({ type: String, nullable: true, example: null })
  place!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '灵活就业' })
  bundle!: string | null;

  @ApiProperty({ type: [MaterialDto] })
  materials!: readonly MaterialDto[];

  @ApiProperty({
    required: false,
    enum: selfServices,
    example: 'print',
    description: 'What a kiosk does for it; absent where a window handles it.',
  })
  selfService?: SelfService;
}

export class MattersDto {
  @ApiProperty({ example: 192, description: 'Total number of matches over all pages.' })
  total!: number;

  @ApiProperty({ example: 1 })
  page!: number;

  @ApiProperty({ example: 20 })
  size!: number;

  @ApiProperty({ type: [MatterDto] })
  matters!: readonly MatterDto[];
}

export class AnswerDto {
  @ApiProperty({ example: 'ZZ001', description: 'A certificate type that answers the material.' })
  type!: string;

  @ApiProperty({
    enum: roles,
    example: 'applicant',
    description: 'The subject of the certificate.',
  })
  whose!: string;

  @ApiProperty({ type: [String], example: ['姓名', '公民身份号码'] })
  fields!: readonly string[];
}

export class ExemptionDto {
  @ApiProperty({ example: 'ZZ001' })
  material!: string;

  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;

  @ApiProperty({
    required: false,
    example: 'Resident Identity Card',
    description: 'Absent if the catalogue has none.',
  })
  nameEn?: string;

  @ApiProperty({ example: true })
  exemptible!: boolean;

  @ApiProperty({
    enum: ['no_rule', 'original_surrendered', 'original_inspected'],
    nullable: true,
    example: null,
    description: 'Reason why it is not exemptible.',
  })
  reason!: 'no_rule' | 'original_surrendered' | 'original_inspected' | null;

  @ApiProperty({
    type: [AnswerDto],
    description:
      'Of the same role: alternatives. Of different roles: all needed, from each participant.',
  })
  answers!: readonly AnswerDto[];
}

export class MatterExemptionsDto {
  @ApiProperty({ example: 'SX0001' })
  matter!: string;

  @ApiProperty({ example: '灵活就业人员参保登记' })
  nameZh!: string;

  @ApiProperty({
    example: 'SX0001',
    description: 'Which rules apply: its own, or those of the basic matter.',
  })
  rulesOf!: string;

  @ApiProperty({ example: 1, description: '0 if there are no rules.' })
  ruleVersion!: number;

  @ApiProperty({ example: true, description: 'No department has confirmed the rules yet.' })
  indicative!: boolean;

  @ApiProperty({ type: [ExemptionDto] })
  materials!: readonly ExemptionDto[];
}

export class ImportCatalogueDto {
  @ApiProperty({
    example:
      'matter\tmaterial\ttype\twhose\tfields\tindicative\treason\nSX0001\tZZ001\tZZ001\tapplicant\t姓名;公民身份号码\tyes\t\n',
    description: 'A types, matters or rules file, TSV or CSV, with its header.',
  })
  @IsString()
  @IsNotEmpty() // as long as a body may be; rules of length count letters in a list of them
  content!: string;

  @ApiProperty({
    required: false,
    example: 0,
    description: 'Added to line numbers, if the content is part of a larger file.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  lineOffset?: number;
}

export class RefusedLineDto {
  @ApiProperty({ example: 17, description: 'Line of the file; the header is line 1.' })
  line!: number;

  @ApiProperty({ type: String, nullable: true, example: 'SX0001' })
  code!: string | null;

  @ApiProperty({ enum: lineRefusals, example: 'field_unknown' })
  reason!: LineRefusal;

  @ApiProperty({ example: '住址', description: 'The column, code or field concerned.' })
  detail!: string;
}

export class EnglishMissingDto {
  @ApiProperty({ enum: englishMissingReasons, example: 'field_en_missing' })
  reason!: EnglishMissing['reason'];

  @ApiProperty({ example: '住址', description: 'The name without an English one.' })
  nameZh!: string;

  @ApiProperty({ example: 17, description: 'First line with this name.' })
  line!: number;

  @ApiProperty({ example: 3, description: 'Number of lines.' })
  lines!: number;
}

export class ImportReportDto {
  @ApiProperty({ enum: ['types', 'matters', 'rules'], example: 'rules' })
  kind!: CatalogueFileKind;

  @ApiProperty({
    example: 479,
    description: 'What was imported: types, matters, or materials of rules.',
  })
  added!: number;

  @ApiProperty({ example: 0 })
  changed!: number;

  @ApiProperty({ example: 0 })
  unchanged!: number;

  @ApiProperty({ type: [RefusedLineDto], description: 'Refused lines, with reasons.' })
  refused!: readonly RefusedLineDto[];

  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    example: [['公安', '公安．']],
    description:
      'Departments whose names look alike. They were imported all the same: check that both exist.',
  })
  lookalikes!: readonly (readonly [string, string])[];

  @ApiProperty({
    type: [EnglishMissingDto],
    description:
      'Names without an English one. They were imported all the same: English notices show the Chinese name.',
  })
  englishMissing!: readonly EnglishMissingDto[];
}
