import { ApiProperty } from '@nestjs/swagger';
import { RefusedLineDto } from './catalogue.dto.js';
import type { CatalogueFileKind } from './catalogue-file.js';

export class DifferenceDto {
  @ApiProperty({ example: 'answers', description: 'The member of the definition or the rule.' })
  member!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ZZ001 applicant 姓名',
    description: 'As the catalogue has it; null where it has nothing there.',
  })
  before!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'ZZ001 applicant 姓名、公民身份号码' })
  after!: string | null;
}

const changes = ['added', 'changed', 'unchanged'] as const;

export class PreviewedRowDto {
  @ApiProperty({ example: 2, description: 'Line of the file; the header is line 1.' })
  line!: number;

  @ApiProperty({ example: 'SX0001', description: 'Code of the type or matter.' })
  code!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ZZ001',
    description: 'Of a rules file: the material, which may have several lines.',
  })
  material!: string | null;

  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;

  @ApiProperty({ enum: changes, example: 'changed' })
  change!: (typeof changes)[number];

  @ApiProperty({ type: [DifferenceDto], description: 'Empty for what is added or unchanged.' })
  differs!: readonly DifferenceDto[];
}

export class CataloguePreviewDto {
  @ApiProperty({ enum: ['types', 'matters', 'rules'], example: 'rules' })
  kind!: CatalogueFileKind;

  @ApiProperty({ type: [PreviewedRowDto] })
  rows!: readonly PreviewedRowDto[];

  @ApiProperty({ type: [RefusedLineDto] })
  refused!: readonly RefusedLineDto[];
}

const kinds = ['defined', 'changed', 'rules-set'] as const;

export class CatalogueVersionDto {
  @ApiProperty({ example: 0, description: 'Version in the stream.' })
  version!: number;

  @ApiProperty({ example: '2026-11-30T08:15:00.000Z', format: 'date-time' })
  time!: string;

  @ApiProperty({ enum: kinds, example: 'rules-set' })
  change!: (typeof kinds)[number];

  @ApiProperty({ type: Number, nullable: true, example: 1, description: 'Version of the rules.' })
  rules!: number | null;

  @ApiProperty({ example: 'administrator', description: 'Client that changed it.' })
  client!: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The operator there.' })
  operator!: string | null;
}

export class CatalogueVersionsDto {
  @ApiProperty({ type: [CatalogueVersionDto] })
  versions!: readonly CatalogueVersionDto[];
}
