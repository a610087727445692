import { ApiProperty } from '@nestjs/swagger';
import { type CaseOrigin, caseOrigins, type CaseOutcome, caseOutcomes } from '#libs/case';
import { participantRoles } from '#libs/catalogue';

const roles = Object.keys(participantRoles);

export class NamedCaseDto {
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
  @ApiProperty({ description: 'Time of opening', example: '2026-11-22T08:00:00.000Z' })
  opened!: string;
  @ApiProperty({ description: 'Number of materials of the matter', example: 2 })
  materials!: number;
}

export class CaseOfBoardDto extends NamedCaseDto {
  @ApiProperty({ description: 'Where it was opened', enum: caseOrigins, example: 'window' })
  origin!: CaseOrigin;
  @ApiProperty({
    description: 'Number by which the hall calls the applicant',
    type: String,
    nullable: true,
    example: 'A023',
  })
  queueNumber!: string | null;
  @ApiProperty({
    description:
      'Number of materials that were exempted: a release answered them, after the holder agreed',
    example: 1,
  })
  answered!: number;
  @ApiProperty({ description: 'Number of papers brought', example: 0 })
  brought!: number;
}

export class BoardConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'The participant who was asked', enum: roles, example: 'applicant' })
  role!: string;
  @ApiProperty({ description: 'Materials it is for', type: [String], example: ['ZZ001'] })
  materials!: readonly string[];
  @ApiProperty({
    description: 'Whether the holder answers or the terminal redeems next',
    enum: ['waiting', 'granted'],
    example: 'waiting',
  })
  state!: string;
  @ApiProperty({ description: 'Expires', example: '2026-11-22T08:10:00.000Z' })
  until!: string;
}

export class BoardEntryDto extends CaseOfBoardDto {
  @ApiProperty({
    description: 'Consents waiting for the holder’s answer',
    type: () => [BoardConsentDto],
  })
  consents!: readonly BoardConsentDto[];
}

export class BoardDto {
  @ApiProperty({ description: 'Department of the caller', example: '人社' })
  department!: string;
  @ApiProperty({
    description: 'Window of the caller; null for a client that stands at none',
    type: String,
    nullable: true,
    example: 'hall-1-03',
  })
  window!: string | null;
  @ApiProperty({ description: 'Open cases, newest first', type: () => [BoardEntryDto] })
  cases!: readonly BoardEntryDto[];
  @ApiProperty({
    description:
      'Cases that holders opened online for the department and that no window has taken yet, oldest first',
    type: () => [NamedCaseDto],
  })
  online!: readonly NamedCaseDto[];
}

export class ClosedCaseDto extends CaseOfBoardDto {
  @ApiProperty({ description: 'Time of closing', example: '2026-11-22T08:20:00.000Z' })
  closed!: string;
  @ApiProperty({ description: 'Outcome of the case', enum: caseOutcomes, example: 'accepted' })
  outcome!: CaseOutcome;
}

export class ClosedTodayDto {
  @ApiProperty({
    description: 'Cases of today (Asia/Shanghai), last closed first, at most 200',
    type: () => [ClosedCaseDto],
  })
  cases!: readonly ClosedCaseDto[];
}
