import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';
import {
  actions,
  bases,
  capacities,
  missingReasons,
  proofMethods,
  withheldReasons,
} from './consent.events.js';
import { accessKinds } from './queries/accesses.js';

export class UsedDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({ description: 'Fields', type: [String], example: ['姓名', '公民身份号码'] })
  fields!: readonly string[];
}

export class BasisDto {
  @ApiProperty({ description: 'Ground', enum: bases, example: 'consent' })
  by!: string;
  @ApiProperty({ description: 'In which capacity it was given', enum: capacities, example: 'self' })
  capacity!: string;
  @ApiProperty({ description: 'By what it was given', enum: proofMethods, example: 'jws' })
  method!: string;
}

export class MissingMaterialDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ019' })
  material!: string;
  @ApiProperty({
    description: 'Reason why the paper has to be brought',
    enum: [...missingReasons],
    example: 'holder_has_none',
  })
  reason!: string;
}

export class AccessDto {
  @ApiProperty({ description: "The record's version in the book", example: 2 })
  version!: number;
  @ApiProperty({
    description: "The record's leaf hash, hexadecimal",
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  hash!: string;
  @ApiProperty({ description: 'Time', example: '2026-11-22T08:03:00.000Z' })
  time!: string;
  @ApiProperty({
    description: 'Event',
    enum: [...accessKinds],
    example: 'released',
  })
  kind!: string;
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'Purpose', example: '办理“灵活就业人员参保登记”' })
  purpose!: string;
  @ApiProperty({ description: 'Caller', example: '人社' })
  department!: string;
  @ApiProperty({ description: 'Window', example: 'window-3' })
  window!: string;
  @ApiProperty({ description: 'Terminal', example: 'terminal-3' })
  terminal!: string;
  @ApiProperty({ description: 'What the data may be used for', enum: actions, example: 'read' })
  action!: string;
  @ApiProperty({ description: 'Data that were used or requested', type: () => [UsedDto] })
  used!: readonly UsedDto[];
  @ApiProperty({ description: 'Legal basis', type: () => BasisDto, nullable: true })
  basis!: BasisDto | null;
  @ApiProperty({
    description: 'Reason why it was withheld or ended',
    enum: withheldReasons,
    nullable: true,
    example: null,
  })
  reason!: string | null;
  @ApiProperty({
    description: 'What could not be answered, as told to the terminal',
    type: () => [MissingMaterialDto],
  })
  missing!: readonly MissingMaterialDto[];
}

export class BookHeadDto {
  @ApiProperty({ description: 'Version of the last record', example: 2 })
  version!: number;
  @ApiProperty({
    description: 'Its leaf hash, hexadecimal',
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  hash!: string;
}

export class AccessesDto {
  @ApiProperty({ description: 'Stream of the book', example: 'book-1XnA0vJm3sYk2qLzR8tWcg' })
  stream!: string;
  @ApiProperty({ description: 'Its last record', type: () => BookHeadDto, nullable: true })
  head!: BookHeadDto | null;
  @ApiProperty({
    description: 'Records, oldest first, versions without gaps: the last ones, at most 500 a page',
    type: () => [AccessDto],
  })
  accesses!: readonly AccessDto[];
  @ApiProperty({
    description: 'Value of `before` for the page before; null where the list begins with version 0',
    type: Number,
    nullable: true,
    example: null,
  })
  earlier!: number | null;
}

export class AccessesPageDto {
  @ApiPropertyOptional({ description: '`earlier` of the page that was read before', example: 500 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  before?: number;
}
