import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import {
  type BroughtReason,
  broughtReasons,
  type CaseOrigin,
  caseOrigins,
  type CaseOutcome,
  caseOutcomes,
} from '#libs/case';
import { participantRoles } from '#libs/catalogue';
import { type IdentifierKind, identifierKinds, issuerDescription } from '#libs/subject';
import { requirementReasons, requirementStates } from './requirements.js';

const roles = Object.keys(participantRoles);

export class IdentifierDto {
  @ApiProperty({
    description:
      'Kind of number, GB/T 36903: 111 resident id number, 001 unified social credit code',
    enum: identifierKinds,
    example: '111',
  })
  @IsIn(identifierKinds)
  kind!: IdentifierKind;

  @ApiProperty({
    description: 'The number as printed; its check character must be correct',
    example: '11010519491231002X',
    maxLength: 64,
  })
  @IsString()
  @MaxLength(64)
  number!: string;

  @ApiPropertyOptional({ type: String, description: issuerDescription, example: 'FRA' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  issuer?: string;
}

export class ParticipantDto {
  @ApiProperty({
    description: 'Role of the participant; each role once',
    enum: roles,
    example: 'applicant',
  })
  @IsIn(roles)
  role!: string;

  @ApiPropertyOptional({
    description: 'The number that the clerk read from the document; either this or `code`',
    type: () => IdentifierDto,
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => IdentifierDto)
  identifier?: IdentifierDto;

  @ApiPropertyOptional({
    description: "The value of the QR code on the holder's phone; either this or `identifier`",
    example: 'q2m0bR7cV1xJ3kYt8wZ5dA',
  })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Za-z0-9_-]{22}$/)
  code?: string;
}

export class OpenCaseDto {
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001', maxLength: 64 })
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/)
  matter!: string;

  @ApiProperty({ description: 'Participants, one to ten', type: () => [ParticipantDto] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => ParticipantDto)
  participants!: ParticipantDto[];

  @ApiPropertyOptional({
    type: String,
    description: 'Number by which the hall calls the applicant; letters and digits only',
    example: 'A023',
    maxLength: 8,
  })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Z]{0,3}[0-9]{1,5}$/)
  queueNumber?: string;

  @ApiPropertyOptional({
    description:
      'At a kiosk: codes of the materials that the case is about, at most 20; by default all of the matter',
    type: [String],
    example: ['ZZ001'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, { each: true })
  materials?: string[];
}

export class BringMaterialDto {
  @ApiProperty({
    description: 'Reason for bringing the paper',
    enum: broughtReasons,
    example: 'holder_prefers_paper',
  })
  @IsIn(broughtReasons)
  reason!: BroughtReason;
}

export class CloseCaseDto {
  @ApiProperty({ description: 'Outcome of the case', enum: caseOutcomes, example: 'accepted' })
  @IsIn(caseOutcomes)
  outcome!: CaseOutcome;
}

export class RequirementAnswerDto {
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({ description: 'Role of the participant who holds it', example: 'applicant' })
  whose!: string;
  @ApiProperty({
    description: 'The fields that the matter needs, and no others',
    type: [String],
    example: ['姓名', '公民身份号码'],
  })
  fields!: readonly string[];
}

export class RequirementPartDto {
  @ApiProperty({ description: 'Role of the participant', example: 'applicant' })
  whose!: string;
  @ApiProperty({ description: 'State', enum: requirementStates, example: 'exemptible' })
  state!: string;
  @ApiProperty({
    description: 'Reason why the paper has to be brought',
    enum: requirementReasons,
    nullable: true,
    example: null,
  })
  reason!: string | null;
  @ApiProperty({
    description: 'The consent that determines the state',
    type: String,
    nullable: true,
    example: null,
  })
  consent!: string | null;
  @ApiProperty({
    description: 'Whether this participant’s consent can be requested now',
    example: true,
  })
  mayAsk!: boolean;
}

export class RequirementDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({ description: 'Its name', example: '居民身份证' })
  nameZh!: string;
  @ApiPropertyOptional({
    description: 'Absent where the catalogue had none.',
    type: String,
    example: 'Resident Identity Card',
  })
  nameEn?: string;
  @ApiProperty({ description: 'State', enum: requirementStates, example: 'exemptible' })
  state!: string;
  @ApiProperty({
    description:
      'Reason why the paper has to be brought. Only after a grant: holder_has_none, fields_absent, certificate_*',
    enum: requirementReasons,
    nullable: true,
    example: null,
  })
  reason!: string | null;
  @ApiProperty({
    description: 'Certificates that would answer it: any one for each participating role',
    type: () => [RequirementAnswerDto],
  })
  answers!: readonly RequirementAnswerDto[];
  @ApiProperty({
    description: 'The consent that determines the state',
    type: String,
    nullable: true,
    example: null,
  })
  consent!: string | null;
  @ApiProperty({ description: 'Whether its consent can be requested now', example: true })
  mayAsk!: boolean;
  @ApiProperty({
    description:
      'One for each participant who must provide it (such as both spouses); the overall state is that of the least advanced one',
    type: () => [RequirementPartDto],
  })
  parts!: readonly RequirementPartDto[];
}

export class CaseParticipantDto {
  @ApiProperty({ description: 'Role in the case', enum: roles, example: 'applicant' })
  role!: string;
}

export class CaseConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'The participant who was asked', enum: roles, example: 'applicant' })
  role!: string;
  @ApiProperty({ description: 'Materials it is for', type: [String], example: ['ZZ001'] })
  materials!: readonly string[];
  @ApiProperty({
    description: 'State',
    enum: ['waiting', 'granted', 'refused', 'withdrawn', 'redeemed', 'withheld', 'expired'],
    example: 'waiting',
  })
  state!: string;
  @ApiProperty({
    description: 'Until when it can be answered',
    example: '2026-11-22T08:10:00.000Z',
  })
  answerBy!: string;
}

export class CaseDto {
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({
    description: 'Where it was opened: at a window, or online by the applicant’s own key',
    enum: caseOrigins,
    example: 'window',
  })
  origin!: CaseOrigin;
  @ApiProperty({
    description: 'Number by which the hall calls the applicant',
    type: String,
    nullable: true,
    example: 'A023',
  })
  queueNumber!: string | null;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'Name of the matter', example: '灵活就业人员参保登记' })
  matterName!: string;
  @ApiProperty({
    description: 'Name of the matter in English',
    example: 'Social insurance enrolment of flexibly employed persons',
  })
  matterNameEn!: string;
  @ApiProperty({
    description: 'Department whose matter it is; null in cases opened before 0.2.0',
    type: String,
    nullable: true,
    example: '人社',
  })
  matterDepartment!: string | null;
  @ApiPropertyOptional({
    description: 'Absent where the catalogue had none.',
    type: String,
    example: 'Human Resources and Social Security',
  })
  matterDepartmentEn?: string;
  @ApiProperty({ description: 'Version of the rules recorded in the case', example: 1 })
  ruleVersion!: number;
  @ApiProperty({ description: 'The window', example: 'window-3' })
  window!: string;
  @ApiProperty({ description: 'Its department', example: '人社' })
  department!: string;
  @ApiPropertyOptional({
    description: 'Absent where the matter is another department’s, or the catalogue had none.',
    type: String,
    example: 'Human Resources and Social Security',
  })
  departmentEn?: string;
  @ApiProperty({ description: 'Whether it is open', enum: ['open', 'closed'], example: 'open' })
  status!: string;
  @ApiProperty({
    description: 'Outcome',
    enum: caseOutcomes,
    type: String,
    nullable: true,
    example: null,
  })
  outcome!: string | null;
  @ApiProperty({ description: 'Participants', type: () => [CaseParticipantDto] })
  participants!: readonly CaseParticipantDto[];
  @ApiProperty({
    description:
      'Number of materials that were exempted: a release answered them, after the holder agreed',
    example: 0,
  })
  answered!: number;
  @ApiProperty({ description: 'Materials of the matter', type: () => [RequirementDto] })
  requirements!: readonly RequirementDto[];
  @ApiProperty({ description: 'Consents requested', type: () => [CaseConsentDto] })
  consents!: readonly CaseConsentDto[];
}
