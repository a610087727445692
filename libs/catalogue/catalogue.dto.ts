import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import type { CatalogueFileKind } from './catalogue-file.js';
import type { LineRefusal } from './catalogue.errors.js';
import type { FieldKind } from './catalogue.events.js';
import { fieldKinds } from './field-kinds.js';
import { participantRoles } from './roles.js';

const levels = ['municipal', 'district', 'town', 'village'] as const;
const audiences = ['natural', 'legal'] as const;
const roles = Object.keys(participantRoles);

/** A matter's code in a path. */
export class MatterCodeDto {
  @ApiProperty({ example: 'SX0001', description: 'Code of a matter; at a place `SX0001.0031`.' })
  @Matches(/^[A-Z]{2}\d{4}(\.\d{4})?$/)
  code!: string;
}

/** A type's code in a path. */
export class TypeCodeDto {
  @ApiProperty({ example: 'ZZ001', description: 'Code of a certificate type.' })
  @Matches(/^[A-Z]{2}\d{3}$/)
  code!: string;
}

export class TypeFieldDto {
  @ApiProperty({ example: '公民身份号码' })
  key!: string;

  @ApiProperty({ enum: fieldKinds, example: 'code' })
  kind!: FieldKind;
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

  @ApiProperty({ enum: ['natural', 'legal', 'both'], example: 'natural' })
  holder!: 'natural' | 'legal' | 'both';

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'P20Y',
    description: 'ISO 8601 duration; null for no expiry.',
  })
  validity!: string | null;

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
      'Words that must all be found in code, names, department, place, bundle or materials.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  q?: string;

  @ApiProperty({ required: false, example: '示例镇001', description: 'Exactly this place.' })
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

  @ApiProperty({ required: false, example: 20, default: 20, description: 'Matters a page.' })
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
}

export class MattersDto {
  @ApiProperty({ example: 192, description: 'All that were found, on every page.' })
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

  @ApiProperty({ enum: roles, example: 'applicant', description: 'Whose certificate it is.' })
  whose!: string;

  @ApiProperty({ type: [String], example: ['姓名', '公民身份号码'] })
  fields!: readonly string[];
}

export class ExemptionDto {
  @ApiProperty({ example: 'ZZ001' })
  material!: string;

  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;

  @ApiProperty({ example: true })
  exemptible!: boolean;

  @ApiProperty({
    enum: ['no_rule', 'original_surrendered', 'original_inspected'],
    nullable: true,
    example: null,
    description: 'Why it is not exemptible.',
  })
  reason!: 'no_rule' | 'original_surrendered' | 'original_inspected' | null;

  @ApiProperty({
    type: [AnswerDto],
    description:
      'Of one role: alternatives. Of different roles: each needed, of those who take part.',
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
    description: 'Whose rules hold: its own, or those of the basic matter.',
  })
  rulesOf!: string;

  @ApiProperty({ example: 1, description: '0 where there are no rules.' })
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
  @Length(1, 1_000_000)
  content!: string;

  @ApiProperty({
    required: false,
    example: 0,
    description: 'Added to line numbers, where the content is a part of a larger file.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  lineOffset?: number;
}

export class RefusedLineDto {
  @ApiProperty({ example: 17, description: 'Line of the file, the header being 1.' })
  line!: number;

  @ApiProperty({ type: String, nullable: true, example: 'SX0001' })
  code!: string | null;

  @ApiProperty({ type: String, example: 'field_unknown' })
  reason!: LineRefusal;

  @ApiProperty({ example: '住址', description: 'The column, code or field that it is about.' })
  detail!: string;
}

export class ImportReportDto {
  @ApiProperty({ enum: ['types', 'matters', 'rules'], example: 'rules' })
  kind!: CatalogueFileKind;

  @ApiProperty({ example: 479, description: 'Types, matters, or materials of rules.' })
  added!: number;

  @ApiProperty({ example: 0 })
  changed!: number;

  @ApiProperty({ example: 0 })
  unchanged!: number;

  @ApiProperty({ type: [RefusedLineDto], description: 'Lines that were left out, and why.' })
  refused!: readonly RefusedLineDto[];
}
