import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient } from '#libs/platform';
import { BoardDto } from './case.dto.js';
import { ShowBoard } from './queries/board.js';

@ApiTags('cases')
@Controller('v1')
export class BoardController {
  constructor(private readonly queries: QueryBus) {}

  @Get('board')
  @Requires('cases:open')
  @ApiOperation({
    summary: "The own window's open cases and the consents it waits for",
    operationId: 'caseBoard',
  })
  @ApiOkResponse({ type: BoardDto })
  async board(@TheClient() caller: ClientCaller): Promise<BoardDto> {
    return { cases: await this.queries.execute(new ShowBoard(caller)) };
  }
}
