import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Settings } from '#libs/platform';
import { Requires } from './http/access.js';

export class LimitsDto {
  @ApiProperty({ example: 50, description: 'REQUESTS_PER_SECOND: requests of one client.' })
  requestsPerSecond!: number;

  @ApiProperty({ example: 300, description: 'HOLDERS_PER_WINDOW_AND_DAY.' })
  holdersPerWindowAndDay!: number;

  @ApiProperty({ example: 3000, description: 'HOLDERS_PER_DEPARTMENT_AND_DAY.' })
  holdersPerDepartmentAndDay!: number;

  @ApiProperty({ example: 30, description: 'QUESTIONS_PER_HOLDER_AND_HOUR.' })
  questionsPerHolderAndHour!: number;

  @ApiProperty({
    example: 10,
    description: 'CASES_PER_HOLDER_AND_DAY: cases that a holder opens online.',
  })
  casesPerHolderAndDay!: number;

  @ApiProperty({ example: 10, description: 'SIGN_IN_HOURS: the longest sign-in of an operator.' })
  signInHours!: number;

  @ApiProperty({
    example: 'ledger.city.example',
    description: 'RP_ID: the name to which operators’ passkeys belong.',
  })
  relyingParty!: string;
}

/** The limits of this city, as its settings have them: they are changed there, not here. */
@ApiTags('clients')
@Controller('v1/limits')
@Requires('clients:manage')
export class LimitsController {
  constructor(private readonly settings: Settings) {}

  @Get()
  @ApiOperation({ summary: 'Limits that the settings of the city set' })
  @ApiOkResponse({ type: LimitsDto })
  limits(): LimitsDto {
    const { limits, signIn } = this.settings;
    const { requestsPerSecond, holdersPerWindowAndDay, holdersPerDepartmentAndDay } = limits;
    return {
      requestsPerSecond,
      holdersPerWindowAndDay,
      holdersPerDepartmentAndDay,
      questionsPerHolderAndHour: limits.questionsPerHolderAndHour,
      casesPerHolderAndDay: limits.casesPerHolderAndDay,
      signInHours: signIn.longest / 3600,
      relyingParty: signIn.rpId,
    };
  }
}
