import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient } from '#libs/identity/http';
import { BoardDto } from './case.dto.js';
import { ShowBoard } from './queries/board.js';

@ApiTags('cases')
@Controller('v1')
export class BoardController {
  constructor(private readonly queries: QueryBus) {}

  @Get('board')
  @Requires('cases:open')
  @ApiOperation({
    summary: 'Open cases of the caller’s window and their waiting consents',
    operationId: 'caseBoard',
  })
  @ApiOkResponse({ type: BoardDto })
  async board(@TheClient() caller: ClientCaller): Promise<BoardDto> {
    const { department, window } = caller;
    return { department, window, cases: await this.queries.execute(new ShowBoard(caller)) };
  }
}
