import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PhoneCaller } from '#libs/identity';
import { ForPhones, ThePhone } from '#libs/platform';
import { ShowStatement } from './queries/statement.js';
import { StatementDto } from './statement.dto.js';

@ApiTags('phone')
@Controller('v1/phone')
export class StatementController {
  constructor(private readonly queries: QueryBus) {}

  @Get('cases/:case/statement')
  @ForPhones()
  @ApiOperation({
    summary: 'What was not asked for in a case, signed, with the proof',
    description:
      'What `verifyStatement` of the offline verifier takes: to be shown to whomever the holder likes, who needs to ask nobody. For the holder’s own releases alone.',
  })
  @ApiOkResponse({ type: StatementDto })
  statement(@Param('case') atCase: string, @ThePhone() caller: PhoneCaller): Promise<StatementDto> {
    return this.queries.execute(new ShowStatement(caller, atCase));
  }
}
