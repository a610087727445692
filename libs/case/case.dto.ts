import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { participantRoles } from '#libs/catalogue';
import { type IdentifierKind, identifierKinds } from '#libs/privacy';
import {
  type BroughtReason,
  broughtReasons,
  type CaseOutcome,
  caseOutcomes,
} from './case.events.js';
import { requirementStates } from './requirements.js';

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
    description: 'The number as the paper shows it; its check is tested',
    example: '11010519491231002X',
    maxLength: 64,
  })
  @IsString()
  @MaxLength(64)
  number!: string;
}

export class ParticipantDto {
  @ApiProperty({
    description: 'As what the person or organisation takes part; each role once',
    enum: roles,
    example: 'applicant',
  })
  @IsIn(roles)
  role!: string;

  @ApiPropertyOptional({
    description: 'The number that the clerk read; either this or `code`',
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

  @ApiProperty({ description: 'Who takes part, one to ten', type: () => [ParticipantDto] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => ParticipantDto)
  participants!: ParticipantDto[];
}

export class BringMaterialDto {
  @ApiProperty({
    description: 'Why the paper was brought',
    enum: broughtReasons,
    example: 'holder_prefers_paper',
  })
  @IsIn(broughtReasons)
  reason!: BroughtReason;
}

export class CloseCaseDto {
  @ApiProperty({ description: 'How the case ended', enum: caseOutcomes, example: 'accepted' })
  @IsIn(caseOutcomes)
  outcome!: CaseOutcome;
}

export class RequirementAnswerDto {
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({ description: 'Role of the participant who holds it', example: 'applicant' })
  whose!: string;
  @ApiProperty({
    description: 'The fields that the matter needs of it, and no others',
    type: [String],
    example: ['姓名', '公民身份号码'],
  })
  fields!: readonly string[];
}

export class RequirementPartDto {
  @ApiProperty({ description: 'Role of the participant', example: 'applicant' })
  whose!: string;
  @ApiProperty({ description: 'How it stands', enum: requirementStates, example: 'exemptible' })
  state!: string;
  @ApiProperty({
    description: 'Why it has to be brought',
    type: String,
    nullable: true,
    example: null,
  })
  reason!: string | null;
  @ApiProperty({
    description: 'The consent that the state follows from',
    type: String,
    nullable: true,
    example: null,
  })
  consent!: string | null;
  @ApiProperty({ description: 'Whether this participant may be asked now', example: true })
  mayAsk!: boolean;
}

export class RequirementDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({ description: 'Its name', example: '居民身份证' })
  nameZh!: string;
  @ApiProperty({ description: 'How it stands', enum: requirementStates, example: 'exemptible' })
  state!: string;
  @ApiProperty({
    description:
      'Why it has to be brought: no_rule, no_participant, consent_refused, consent_expired, consent_withdrawn, release_withheld, or, after a grant only, holder_has_none, fields_absent, certificate_*',
    type: String,
    nullable: true,
    example: null,
  })
  reason!: string | null;
  @ApiProperty({
    description: 'What would answer it: of each role that takes part, any one',
    type: () => [RequirementAnswerDto],
  })
  answers!: readonly RequirementAnswerDto[];
  @ApiProperty({
    description: 'The consent that the state follows from',
    type: String,
    nullable: true,
    example: null,
  })
  consent!: string | null;
  @ApiProperty({ description: 'Whether a holder may be asked for it now', example: true })
  mayAsk!: boolean;
  @ApiProperty({
    description:
      'One for each participant from whom it is needed (both spouses show a card); the state above is that of the part furthest from an answer',
    type: () => [RequirementPartDto],
  })
  parts!: readonly RequirementPartDto[];
}

export class CaseParticipantDto {
  @ApiProperty({ description: 'Role in the case', example: 'applicant' })
  role!: string;
}

export class CaseConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Whom it was asked of', example: 'applicant' })
  role!: string;
  @ApiProperty({ description: 'Materials it is for', type: [String], example: ['ZZ001'] })
  materials!: readonly string[];
  @ApiProperty({
    description: 'How it stands',
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
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'Name of the matter', example: '灵活就业人员参保登记' })
  matterName!: string;
  @ApiProperty({
    description: 'Name of the matter in English',
    example: 'Social insurance enrolment of flexibly employed persons',
  })
  matterNameEn!: string;
  @ApiProperty({ description: 'Version of the rules recorded in the case', example: 1 })
  ruleVersion!: number;
  @ApiProperty({ description: 'The window', example: 'window-3' })
  window!: string;
  @ApiProperty({ description: 'Its department', example: '人社' })
  department!: string;
  @ApiProperty({ description: 'Whether it is open', enum: ['open', 'closed'], example: 'open' })
  status!: string;
  @ApiProperty({
    description: 'How it ended',
    enum: caseOutcomes,
    type: String,
    nullable: true,
    example: null,
  })
  outcome!: string | null;
  @ApiProperty({ description: 'Who takes part', type: () => [CaseParticipantDto] })
  participants!: readonly CaseParticipantDto[];
  @ApiProperty({ description: 'What the matter asks for', type: () => [RequirementDto] })
  requirements!: readonly RequirementDto[];
  @ApiProperty({ description: 'Consents asked for', type: () => [CaseConsentDto] })
  consents!: readonly CaseConsentDto[];
}

export class BoardConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Whom it was asked of', example: 'applicant' })
  role!: string;
  @ApiProperty({ description: 'Materials it is for', type: [String], example: ['ZZ001'] })
  materials!: readonly string[];
  @ApiProperty({
    description: 'Whether the holder answers or the terminal redeems next',
    enum: ['waiting', 'granted'],
    example: 'waiting',
  })
  state!: string;
  @ApiProperty({ description: 'Until when', example: '2026-11-22T08:10:00.000Z' })
  until!: string;
}

export class BoardEntryDto {
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'Name of the matter', example: '灵活就业人员参保登记' })
  matterName!: string;
  @ApiProperty({ description: 'When it was opened', example: '2026-11-22T08:00:00.000Z' })
  opened!: string;
  @ApiProperty({ description: 'How many materials the matter asks for', example: 2 })
  materials!: number;
  @ApiProperty({ description: 'How many were brought', example: 0 })
  brought!: number;
  @ApiProperty({ description: 'Consents that are waited for', type: () => [BoardConsentDto] })
  consents!: readonly BoardConsentDto[];
}

export class BoardDto {
  @ApiProperty({ description: 'Open cases, the newest first', type: () => [BoardEntryDto] })
  cases!: readonly BoardEntryDto[];
}
