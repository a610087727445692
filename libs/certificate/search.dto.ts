import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { type IdentifierKind, identifierKinds } from '#libs/subject';
import { certificateStandings } from './ports.js';
import type { CertificateStanding } from './ports.js';

const id = 'qf3H0m1V2bQ0v4yJ8m7TJw';

export class SoughtHolderDto {
  @ApiProperty({ enum: identifierKinds, example: '111' })
  @IsIn(identifierKinds)
  kind!: IdentifierKind;

  @ApiProperty({ example: '11010519491231002X', description: 'As printed on the certificate.' })
  @IsString()
  @MaxLength(64)
  number!: string;

  @ApiProperty({ required: false, example: 'FRA', description: 'If the kind has an issuer.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  issuer?: string;
}

export class SearchCertificatesDto {
  @ApiProperty({
    required: false,
    example: '4301120020000123',
    description: 'The number of the certificate, or the serial of its GB/T 36904 identifier.',
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  serial?: string;

  @ApiProperty({ type: SoughtHolderDto, required: false })
  @IsOptional()
  @ValidateNested()
  @Type(() => SoughtHolderDto)
  holder?: SoughtHolderDto;

  @ApiProperty({ required: false, example: 'ZZ020' })
  @IsOptional()
  @Matches(/^[A-Z]{2}\d{3}$/)
  type?: string;

  @ApiProperty({
    enum: certificateStandings,
    required: false,
    example: 'valid',
    description: 'Today.',
  })
  @IsOptional()
  @IsIn(certificateStandings)
  state?: CertificateStanding;

  @ApiProperty({ required: false, example: id, description: '`next` of the previous page.' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{22}$/)
  after?: string;
}

export class FoundCertificateDto {
  @ApiProperty({ example: id })
  certificate!: string;
  @ApiProperty({ example: 'ZZ020' })
  type!: string;
  @ApiProperty({ enum: certificateStandings, example: 'valid', description: 'Today.' })
  standing!: CertificateStanding;
  @ApiProperty({ example: 1, description: 'The newest version.' })
  version!: number;
  @ApiProperty({ example: '2026-11-22' })
  validFrom!: string;
  @ApiProperty({ type: String, nullable: true, example: '2046-11-22' })
  validUntil!: string | null;
  @ApiProperty({ example: '2026-11-22T08:00:00.000Z' })
  issuedAt!: string;
}

export class FoundCertificatesDto {
  @ApiProperty({ type: [FoundCertificateDto], description: 'At most 100, newest first.' })
  certificates!: readonly FoundCertificateDto[];
  @ApiProperty({ type: String, nullable: true, example: id, description: 'Null on the last page.' })
  next!: string | null;
}
