import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, Matches, ValidateNested } from 'class-validator';
import { IdentifierOfSubject } from './subject.dto.js';
import {
  type ErasureReason,
  erasureReasons,
  holdBases,
  type HoldBasis,
  liftBases,
  type LiftBasis,
} from './subject.events.js';

class WhomBody {
  @ApiPropertyOptional({
    type: IdentifierOfSubject,
    description: 'The subject, by number. Either this or `subject`.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => IdentifierOfSubject)
  identifier?: IdentifierOfSubject;

  @ApiPropertyOptional({
    example: 'p5m1tN0c3uWvVQ2m4mXZpg',
    description: 'The ledger’s own subject id. Either this or `identifier`.',
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
    'The chain of registrars of the key: the client that registered it, the client that registered that one, and so on; of an operator also who invited it (`operator:` before an operator’s id). Empty if it was admitted by a key file on the ledger’s machine.',
};

const untilWhen = {
  example: '2026-12-22T08:00:00.000Z',
  description: 'Until when another administrator can approve: 30 days.',
};

export class RequestErasureBody extends WhomBody {
  @ApiProperty({
    enum: erasureReasons,
    example: 'consent-withdrawn',
    description: 'Reason: the cases of article 47 of the Personal Information Protection Law.',
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
  expires!: string;
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

  @ApiProperty({ type: RecordOfErasure, nullable: true, description: 'The record of the change.' })
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
    description: 'An expired or withdrawn one can be requested again, under another id.',
  })
  state!: 'requested' | 'expired' | 'withdrawn' | 'approved' | 'erased';

  @ApiProperty({ enum: erasureReasons, example: 'consent-withdrawn' })
  reason!: ErasureReason;

  @ApiProperty({
    example: 'administrator',
    description: 'Client id of the requesting administrator.',
  })
  requestedBy!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The operator at that client; null where it acted by itself.',
  })
  requestedByOperator!: string | null;

  @ApiProperty({ ...keyFrom })
  requesterKeyFrom!: string[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'second-administrator',
    description: 'Client id of the approving administrator; null until approved.',
  })
  approvedBy!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The operator at that client; null where it acted by itself, or until approved.',
  })
  approvedByOperator!: string | null;

  @ApiProperty({ ...keyFrom })
  approverKeyFrom!: string[];

  @ApiProperty({ ...untilWhen })
  expires!: string;

  @ApiProperty({
    enum: holdBases,
    isArray: true,
    example: [],
    description: 'Grounds of the legal holds that prevent it.',
  })
  holds!: HoldBasis[];

  @ApiProperty({ type: RecordOfErasure, nullable: true })
  record!: RecordOfErasure | null;
}

export class PlaceLegalHoldBody extends WhomBody {
  @ApiProperty({
    enum: holdBases,
    example: 'litigation',
    description: 'Ground on which the data must be kept.',
  })
  @IsIn(holdBases)
  basis!: HoldBasis;
}

export class LiftLegalHoldBody {
  @ApiProperty({ enum: liftBases, example: 'ended', description: 'Reason for lifting the hold.' })
  @IsIn(liftBases)
  basis!: LiftBasis;
}

export class LegalHold {
  @ApiProperty({ example: 'mX4n0b1Jq9p4rT1dJZ3wYQ', description: 'Id of the legal hold.' })
  hold!: string;
}

export class OpenErasures {
  @ApiProperty({ type: [ErasureState] })
  erasures!: readonly ErasureState[];
}

export class StandingLegalHold extends LegalHold {
  @ApiProperty({ example: 'p5m1tN0c3uWvVQ2m4mXZpg', description: "The ledger's own subject id." })
  subject!: string;

  @ApiProperty({ enum: holdBases, example: 'litigation' })
  basis!: HoldBasis;
}

export class StandingLegalHolds {
  @ApiProperty({ type: [StandingLegalHold] })
  holds!: readonly StandingLegalHold[];
}
