import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { type ForeignReason, foreignReasons } from './exclusion.events.js';

const exclusionId = {
  example: 'w0vF4cZtYyq9p4rT1dJZ3w',
  description: 'Id of the exclusion, for the administrator who approves.',
};
const streamName = {
  example: 'book-9aX4mY0q2bC7dE1fG3hI5j',
  description:
    'Stream name of the events in the event store; `sha256:` and the SHA-256 of the name if it is not a random one, because it may be personal.',
};
const positionOf = {
  example: '40185',
  description: 'Position in the event store; opaque.',
};
const hashOf = {
  example: '9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a',
  description: 'RFC 6962 leaf hash of its bytes, hexadecimal.',
};
const reasonWhy = {
  enum: foreignReasons,
  example: 'operators-mistake',
  description: 'How the events got there, if known.',
};
const keyFrom = {
  type: String,
  isArray: true,
  example: [],
  description:
    'The chain of registrars of the key: the client that registered it, the client that registered that one, and so on. Empty if it was admitted by a key file on the ledger’s machine.',
};

export class RequestExclusionBody {
  @ApiPropertyOptional({
    example: streamName.example,
    description:
      'Stream name of the events in the event store. If it cannot be written, leave it out and name one event by `position` and `hash`.',
    pattern: '^[^\\u0000-\\u001f]{1,200}$',
  })
  // Another program chose the name, so it only has to be a possible one.
  @IsOptional()
  @Matches(/^[^\p{Cc}\p{Cs}]{1,200}$/u)
  stream?: string;

  @ApiPropertyOptional({ ...positionOf, pattern: '^[0-9]{1,19}$' })
  @IsOptional()
  @Matches(/^\d{1,19}$/)
  position?: string;

  @ApiPropertyOptional({ ...hashOf, pattern: '^[0-9a-f]{64}$' })
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/)
  hash?: string;

  @ApiProperty({ ...reasonWhy })
  @IsIn(foreignReasons)
  reason!: ForeignReason;
}

export class NamedEventDto {
  @ApiProperty({
    enum: ['events', 'metadata'],
    example: 'events',
    description: 'In the stream itself, or in its metadata in the event store.',
  })
  part!: 'events' | 'metadata';

  @ApiProperty({ example: 5, description: 'Version as counted by the event store.' })
  version!: number;

  @ApiProperty({ ...positionOf })
  position!: string;

  @ApiProperty({ ...hashOf })
  hash!: string;
}

export class SealedThenDto {
  @ApiProperty({ example: 1427, description: 'Number of leaves of the log.' })
  size!: number;

  @ApiProperty({ example: '39870', description: 'Position of the last one; opaque.' })
  position!: string;
}

export class ExclusionDto {
  @ApiProperty({ ...exclusionId })
  exclusion!: string;

  @ApiProperty({
    enum: ['requested', 'expired', 'withdrawn', 'excluded'],
    example: 'excluded',
    description: 'An expired or withdrawn one can be requested again, under another id.',
  })
  state!: 'requested' | 'expired' | 'withdrawn' | 'excluded';

  @ApiProperty({ ...streamName })
  stream!: string;

  @ApiProperty({ type: [NamedEventDto] })
  events!: readonly NamedEventDto[];

  @ApiProperty({ ...reasonWhy })
  reason!: ForeignReason;

  @ApiProperty({ type: SealedThenDto, description: 'Size of the sealed log at that time.' })
  sealed!: SealedThenDto;

  @ApiProperty({
    example: 'administrator',
    description: 'Client id of the requesting administrator.',
  })
  requestedBy!: string;

  @ApiProperty({ ...keyFrom })
  requesterKeyFrom!: readonly string[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'second-administrator',
    description: 'Client id of the approving administrator; null until approved.',
  })
  approvedBy!: string | null;

  @ApiProperty({ ...keyFrom })
  approverKeyFrom!: readonly string[];

  @ApiProperty({
    example: '2026-11-29T08:00:00.000Z',
    description: 'Until when another administrator can approve: 7 days.',
  })
  expires!: string;
}

export class ExclusionsDto {
  @ApiProperty({ type: [ExclusionDto], description: 'In the order of the request.' })
  exclusions!: readonly ExclusionDto[];
}

export class WithdrawnExclusion {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  exclusion!: string;
}
