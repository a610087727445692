import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Requires } from '#libs/identity/http';
import { LogHealth } from './log-health.js';

const states = ['ok', 'slow', 'witnesses-missing', 'damaged'] as const;

class WitnessHealthDto {
  @ApiProperty({ example: 'witness.city.example', description: 'Name in the log’s policy.' })
  name!: string;

  @ApiProperty({ example: true, description: 'Whether it cosigned the latest checkpoint.' })
  cosigned!: boolean;
}

class DamageDto {
  @ApiProperty({ example: 'store_changed', description: 'Code of the refusal to seal.' })
  code!: string;

  @ApiProperty({ example: '2026-11-30T08:15:00.000Z', format: 'date-time' })
  since!: string;
}

class PartHealthDto {
  @ApiProperty({ example: 'projections' })
  part!: string;

  @ApiProperty({ example: 'ok', description: '`ok`, or the code of the obstacle.' })
  state!: string;
}

export class LogHealthDto {
  @ApiProperty({
    enum: states,
    example: 'ok',
    description:
      'The worst of: damaged (nothing is sealed until an operator has checked), witnesses-missing, slow (records wait over 10 s for their seal, or a part is not ready), ok.',
  })
  state!: (typeof states)[number];

  @ApiProperty({ example: 40185, description: 'Records under the latest checkpoint.' })
  records!: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-30T08:15:00.000Z',
    description: 'Time of the latest cosignature under it; null where there is none.',
  })
  sealedAt!: string | null;

  @ApiProperty({
    example: 0,
    description: 'Age in seconds of the oldest record without a seal; 0 where there is none.',
  })
  waitingSeconds!: number;

  @ApiProperty({ type: [WitnessHealthDto] })
  witnesses!: readonly WitnessHealthDto[];

  @ApiProperty({
    example: true,
    description: 'Whether as many as the policy needs cosign what is written.',
  })
  quorum!: boolean;

  @ApiProperty({ type: DamageDto, nullable: true })
  damage!: DamageDto | null;

  @ApiProperty({ enum: ['postgres', 'eventstoredb'], example: 'postgres' })
  store!: 'postgres' | 'eventstoredb';

  @ApiProperty({ type: [PartHealthDto], description: 'As /health/ready of this process.' })
  parts!: readonly PartHealthDto[];
}

/** What the strip of an operator's page shows: counts, names of witnesses, codes. */
@ApiTags('health')
@Controller('v1/ledger')
@Requires('matters:read')
export class LogHealthController {
  constructor(private readonly health: LogHealth) {}

  @Get('health')
  @ApiOperation({
    summary: 'State of log, witnesses and event store, for operators’ pages',
    operationId: 'ledgerHealth',
  })
  @ApiOkResponse({ type: LogHealthDto })
  look(): Promise<LogHealthDto> {
    return this.health.look();
  }
}
