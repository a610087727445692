import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import type { CertificateStatus } from './certificate.decider.js';
import { type HandInFlag, handInFlags } from './hand-in-flags.js';
import { type IdentifierFlag, identifierFlags } from './identifier.js';
import { type CertificateStanding, certificateStandings } from './ports.js';
import {
  type CancelReason,
  cancelReasons,
  type ReinstateReason,
  reinstateReasons,
  type RevokeReason,
  revokeReasons,
  type SuspendReason,
  suspendReasons,
} from './reasons.js';

const id = 'qf3H0m1V2bQ0v4yJ8m7TJw';
const days = { example: '2026-11-22', description: 'A day of Asia/Shanghai, inclusive.' };
const statuses: readonly CertificateStatus[] = ['valid', 'suspended', 'revoked', 'cancelled'];

export class HandedFileDto {
  @ApiProperty({
    example: 'file.original',
    description:
      'The claim that refers to the file: a field of kind image or file, or file.<name>.',
  })
  @IsString()
  @MaxLength(64)
  name!: string;

  @ApiProperty({ example: id, description: 'Storage id from the reply of POST /v1/files.' })
  @Matches(/^[A-Za-z0-9_-]{22}$/)
  blob!: string;

  @ApiProperty({
    example: '9bqz0Wm0i3cJ5m1xv2yQYw5xN7q0dQm5v0yXQm2cB4E',
    description: 'Key from the reply of POST /v1/files.',
  })
  @Matches(/^[A-Za-z0-9_-]{43}$/)
  key!: string;
}

export class HandInDto {
  @ApiProperty({
    example:
      'eyJhbGciOiJFZERTQSIsInR5cCI6ImRjK3NkLWp3dCJ9.eyJpc3MiOiIuLi4ifQ.c2ln~WyJzYWx0Iiwi5aeT5ZCNIiwiLi4uIl0~',
    description:
      'The SD-JWT (RFC 9901) that the authority signed, compact, with every disclosure and without key binding.',
  })
  @IsString()
  @MaxLength(262_144)
  sdJwt!: string;

  @ApiProperty({
    type: [HandedFileDto],
    required: false,
    description: 'The files that the SD-JWT refers to.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => HandedFileDto)
  files?: HandedFileDto[];
}

export class SuspendDto {
  @ApiProperty({ enum: suspendReasons, example: 'under_review' })
  @IsIn(suspendReasons)
  reason!: SuspendReason;
}
export class ReinstateDto {
  @ApiProperty({ enum: reinstateReasons, example: 'review_closed' })
  @IsIn(reinstateReasons)
  reason!: ReinstateReason;
}
export class RevokeDto {
  @ApiProperty({ enum: revokeReasons, example: 'wrongly_issued' })
  @IsIn(revokeReasons)
  reason!: RevokeReason;
}
export class CancelDto {
  @ApiProperty({ enum: cancelReasons, example: 'holder_request' })
  @IsIn(cancelReasons)
  reason!: CancelReason;
}

export class RecordDto {
  @ApiProperty({ example: `certificate-${id}` })
  stream!: string;
  @ApiProperty({ example: 0, description: 'Counts from 0 in its stream.' })
  version!: number;
  @ApiProperty({
    example: 'd0b5…',
    description: 'Leaf hash of the record (RFC 6962), 64 hexadecimal digits.',
  })
  hash!: string;
}

export class IssuedDto {
  @ApiProperty({ example: id, description: 'The certificate of this paper.' })
  certificate!: string;
  @ApiProperty({ example: 'ZZ001' })
  type!: string;
  @ApiProperty({ example: 1, description: 'The version, from 1.' })
  version!: number;
  @ApiProperty({
    enum: handInFlags,
    isArray: true,
    example: ['identifier_type_local'],
    description:
      'Findings about its GB/T 36904 identifier; holder_has_another: the holder has another valid certificate of a type without number.',
  })
  flags!: readonly HandInFlag[];
  @ApiProperty({
    enum: ['recorded', 'unchanged'],
    example: 'recorded',
    description: 'unchanged: the newest version has the same content.',
  })
  state!: 'recorded' | 'unchanged';
  @ApiProperty({ type: RecordDto })
  record!: RecordDto;
}

export class ChangedDto {
  @ApiProperty({ example: id })
  certificate!: string;
  @ApiProperty({ enum: statuses, example: 'suspended' })
  status!: CertificateStatus;
  @ApiProperty({
    enum: ['recorded', 'unchanged'],
    example: 'recorded',
    description: 'unchanged: already in that state.',
  })
  state!: 'recorded' | 'unchanged';
  @ApiProperty({ type: RecordDto })
  record!: RecordDto;
}

export class VersionDto {
  @ApiProperty({ example: 1 })
  number!: number;
  @ApiProperty(days)
  validFrom!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2046-11-22',
    description: days.description,
  })
  validUntil!: string | null;
  @ApiProperty({
    example: 'm0v1jH5w3q2x0f7o6l4k9s8d7g6h5j4k3l2z1x0c9vA',
    description: 'SHA-256 of the signed part, which the next version names in `supersedes`.',
  })
  digest!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-22',
    description: 'Date as of which the content holds, given by the authority; null if not given.',
  })
  asOf!: string | null;
  @ApiProperty({ type: [String], example: ['姓名', '公民身份号码'], description: 'Names only.' })
  fields!: readonly string[];
  @ApiProperty({ example: 1, description: 'Number of holders.' })
  holders!: number;
  @ApiProperty({ enum: identifierFlags, isArray: true, example: [] })
  flags!: readonly IdentifierFlag[];
}

export class CertificateDto {
  @ApiProperty({ example: id })
  certificate!: string;
  @ApiProperty({ example: 'ZZ001' })
  type!: string;
  @ApiProperty({ example: '11430112000000001P', description: 'Credit code of the authority.' })
  authority!: string;
  @ApiProperty({ enum: certificateStandings, example: 'valid', description: 'Today.' })
  standing!: CertificateStanding;
  @ApiProperty({ type: [VersionDto] })
  versions!: readonly VersionDto[];
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-23',
    description:
      'The latest `as_of` that the authority gave for the newest version, also by submitting the same content again; an earlier `as_of` is refused (version_outdated). Null if none was given.',
  })
  standsAsOf!: string | null;
  @ApiProperty({ type: RecordDto, description: 'The newest record of its stream.' })
  record!: RecordDto;
}

export class IssuerDto {
  @ApiProperty({ example: '11430112000000001P' })
  creditCode!: string;
  @ApiProperty({ example: '示例市公安局', description: 'As printed on certificates.' })
  name!: string;
  @ApiProperty({ type: [String], example: ['ZZ001', 'ZZ003'] })
  types!: readonly string[];
}

export class KeptFileDto {
  @ApiProperty({ example: id })
  blob!: string;
  @ApiProperty({
    example: '9bqz0Wm0i3cJ5m1xv2yQYw5xN7q0dQm5v0yXQm2cB4E',
    description: 'Returned once; the ledger does not store it.',
  })
  key!: string;
  @ApiProperty({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
  sha256!: string;
  @ApiProperty({ example: 'application/pdf' })
  mediaType!: string;
}
