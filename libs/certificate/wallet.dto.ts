import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { JsonValue } from '#libs/kernel';
import { certificateStandings } from './ports.js';
import type { CertificateStanding } from './ports.js';

export class WalletPageQuery {
  @ApiProperty({ required: false, example: 1, description: 'Counts from 1.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  page?: number;
}

export class HeldCertificateDto {
  @ApiProperty({ example: 'qf3H0m1V2bQ0v4yJ8m7TJw' })
  certificate!: string;
  @ApiProperty({ example: 'ZZ001' })
  type!: string;
  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;
  @ApiProperty({ example: 'Resident Identity Card' })
  nameEn!: string;
  @ApiProperty({ example: '11430112000000001P', description: 'Credit code of the authority.' })
  authority!: string;
  @ApiProperty({ type: [String], example: ['holder'] })
  roles!: readonly string[];
  @ApiProperty({ enum: certificateStandings, example: 'valid', description: 'Today.' })
  standing!: CertificateStanding;
  @ApiProperty({ example: 1 })
  version!: number;
  @ApiProperty({ example: '2026-11-22' })
  validFrom!: string;
  @ApiProperty({ type: String, nullable: true, example: '2046-11-22' })
  validUntil!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '1.2.156.3005.2.11100000000013127D001.11430112000000001P.20260000001.001.0',
    description: 'GB/T 36904.',
  })
  identifier!: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { 姓名: '测试甲' },
    description: 'The decrypted fields, by their keys.',
  })
  fields!: Readonly<Record<string, JsonValue>>;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 姓名: 'Name' },
    description: 'English names of the fields, by their keys, where the catalogue has them.',
  })
  fieldNamesEn!: Readonly<Record<string, string>>;
}

export class WalletPageDto {
  @ApiProperty({ type: [HeldCertificateDto] })
  certificates!: readonly HeldCertificateDto[];
  @ApiProperty({ example: 1 })
  page!: number;
  @ApiProperty({ example: 3, description: 'Total number of certificates.' })
  total!: number;
}
