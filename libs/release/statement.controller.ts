import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/identity';
import { ForPhones, ThePrincipal } from '#libs/identity/http';
import { ShowStatement } from './queries/statement.js';
import { StatementDto } from './statement.dto.js';

@ApiTags('phone')
@Controller('v1/phone')
export class StatementController {
  constructor(private readonly queries: QueryBus) {}

  @Get('cases/:case/statement')
  @ForPhones()
  @ApiOperation({
    summary: 'The exemption statement of a case, signed, with its proof',
    description:
      'Input of `verifyStatement` of the offline verifier; the holder can show it to any third party, who verifies it without the ledger. Covers the holder’s own releases only.',
  })
  @ApiOkResponse({ type: StatementDto })
  statement(
    @Param('case') atCase: string,
    @ThePrincipal() principal: Principal,
  ): Promise<StatementDto> {
    return this.queries.execute(new ShowStatement(principal, atCase));
  }
}
