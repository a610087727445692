import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { type CaseOutcome, caseOutcomes } from '#libs/case';
import { CaseConsentDto, RequirementDto } from './case.dto.js';
import { type Stage, stages } from './stage.js';

export class OpenApplicationDto {
  @ApiProperty({
    description:
      'Compact JWS by the enrolled key, typ `case-application+jws`, over the RFC 8785 bytes of `act` (`open`), `capacity` (`self`), `case` (128 random bits, base64url: the id that the case gets), `department`, `iat`, `matter` and `matterName` (Chinese)',
    example: 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl',
  })
  @IsString()
  @Length(1, 4096)
  jws!: string;
}

class ApplicationOfDto {
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0006' })
  matter!: string;
  @ApiProperty({ description: 'Name of the matter', example: '经济困难证明' })
  matterName!: string;
  @ApiProperty({
    description: 'Name of the matter in English',
    example: 'Issue of economic hardship proof',
  })
  matterNameEn!: string;
  @ApiProperty({ description: 'Department that handles it', example: '乡镇（街道）村（社区）' })
  department!: string;
  @ApiPropertyOptional({
    description: 'Absent where the catalogue had none.',
    type: String,
    example: 'Township (Subdistrict) and Village (Community)',
  })
  departmentEn?: string;
  @ApiProperty({
    description: 'The window that took it; null while none has',
    type: String,
    nullable: true,
    example: null,
  })
  window!: string | null;
  @ApiProperty({
    description: 'Outcome',
    enum: caseOutcomes,
    type: String,
    nullable: true,
    example: null,
  })
  outcome!: CaseOutcome | null;
}

export class ApplicationDto extends ApplicationOfDto {
  @ApiProperty({
    description:
      'How far it is: opened, taken by a window, asked (a request waits for the holder), answered, papers (some are to be brought), done or withdrawn',
    enum: stages,
    example: 'opened',
  })
  stage!: Stage;
  @ApiProperty({ description: 'Number of materials that were exempted', example: 0 })
  answered!: number;
  @ApiProperty({ description: 'Materials of the matter', type: () => [RequirementDto] })
  requirements!: readonly RequirementDto[];
  @ApiProperty({ description: 'Consents requested', type: () => [CaseConsentDto] })
  consents!: readonly CaseConsentDto[];
}

export class ApplicationEntryDto extends ApplicationOfDto {
  @ApiProperty({ description: 'Time of opening', example: '2026-11-22T08:00:00.000Z' })
  opened!: string;
  @ApiProperty({
    description: 'When a window took it',
    type: String,
    nullable: true,
    example: null,
  })
  taken!: string | null;
  @ApiProperty({
    description: 'When it was closed or withdrawn',
    type: String,
    nullable: true,
    example: null,
  })
  closed!: string | null;
  @ApiProperty({
    description: 'Whether a request of its window waits for the holder’s answer',
    example: false,
  })
  waiting!: boolean;
}

export class ApplicationsDto {
  @ApiProperty({
    description: 'Online cases of the holder, open ones first, newest first, at most 50',
    type: () => [ApplicationEntryDto],
  })
  cases!: readonly ApplicationEntryDto[];
}
