import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, Matches, ValidateNested } from 'class-validator';
import { IdentifierOfSubject } from './privacy.dto.js';
import {
  type ErasureReason,
  erasureReasons,
  holdBases,
  type HoldBasis,
  liftBases,
  type LiftBasis,
} from './privacy.events.js';

class WhomBody {
  @ApiPropertyOptional({
    type: IdentifierOfSubject,
    description: 'Whom, by number. Either this or `subject`.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => IdentifierOfSubject)
  identifier?: IdentifierOfSubject;

  @ApiPropertyOptional({
    example: 'p5m1tN0c3uWvVQ2m4mXZpg',
    description: "Whom, by the ledger's own subject id. Either this or `identifier`.",
  })
  @IsOptional()
  @Matches(/^[\w-]{22}$/)
  subject?: string;
}

const keyFrom = {
  type: String,
  isArray: true,
  example: [],
  description:
    'Through whose hands the key came: who registered the client or last gave it a key, who did so for that one, and so on. Empty where the city itself admitted it.',
};

const untilWhen = {
  type: String,
  nullable: true,
  example: '2026-12-22T08:00:00.000Z',
  description:
    'Until when another administrator can approve: 30 days. Null for those asked for before requests ended.',
};

export class RequestErasureBody extends WhomBody {
  @ApiProperty({
    enum: erasureReasons,
    example: 'consent-withdrawn',
    description: 'Why: the cases of article 47 of the Personal Information Protection Law.',
  })
  @IsIn(erasureReasons)
  reason!: ErasureReason;
}

export class RequestedErasure {
  @ApiProperty({
    example: 'w0vF4cZtYyq9p4rT1dJZ3w',
    description: 'Id of the erasure, for the administrator who approves.',
  })
  erasure!: string;

  @ApiProperty({ ...untilWhen })
  expires!: string | null;
}

export class WithdrawnErasure {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  erasure!: string;
}

export class RecordOfErasure {
  @ApiProperty({ example: 'subject-p5m1tN0c3uWvVQ2m4mXZpg' })
  stream!: string;

  @ApiProperty({ example: 5 })
  version!: number;

  @ApiProperty({
    example: '9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a',
    description: 'Leaf hash; its receipt is at /v1/receipts/{stream}/{version}?hash={hash}.',
  })
  hash!: string;
}

export class ApprovedErasure {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  erasure!: string;

  @ApiProperty({ type: RecordOfErasure, nullable: true, description: 'The record that says so.' })
  record!: RecordOfErasure | null;
}

export class ErasureState {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  erasure!: string;

  @ApiProperty({ example: 'p5m1tN0c3uWvVQ2m4mXZpg', description: "The ledger's own subject id." })
  subject!: string;

  @ApiProperty({
    enum: ['requested', 'expired', 'withdrawn', 'approved', 'erased'],
    example: 'requested',
    description: 'One that expired or was withdrawn can be asked for anew, under another id.',
  })
  state!: 'requested' | 'expired' | 'withdrawn' | 'approved' | 'erased';

  @ApiProperty({ enum: erasureReasons, example: 'consent-withdrawn' })
  reason!: ErasureReason;

  @ApiProperty({ example: 'administrator', description: 'Client id of who asked.' })
  requestedBy!: string;

  @ApiProperty({ ...keyFrom })
  requesterKeyFrom!: string[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'second-administrator',
    description: 'Client id of who approved; null before somebody did.',
  })
  approvedBy!: string | null;

  @ApiProperty({ ...keyFrom })
  approverKeyFrom!: string[];

  @ApiProperty({ ...untilWhen })
  expires!: string | null;

  @ApiProperty({
    enum: holdBases,
    isArray: true,
    example: [],
    description: 'Grounds of the legal holds that stand against it.',
  })
  holds!: HoldBasis[];

  @ApiProperty({ type: RecordOfErasure, nullable: true })
  record!: RecordOfErasure | null;
}

export class PlaceLegalHoldBody extends WhomBody {
  @ApiProperty({
    enum: holdBases,
    example: 'litigation',
    description: 'On what ground the data must stay.',
  })
  @IsIn(holdBases)
  basis!: HoldBasis;
}

export class LiftLegalHoldBody {
  @ApiProperty({ enum: liftBases, example: 'ended', description: 'Why the hold goes.' })
  @IsIn(liftBases)
  basis!: LiftBasis;
}

export class LegalHold {
  @ApiProperty({ example: 'mX4n0b1Jq9p4rT1dJZ3wYQ', description: 'Id of the legal hold.' })
  hold!: string;
}
