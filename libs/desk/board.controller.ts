import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient } from '#libs/identity/http';
import { BoardDto, ClosedTodayDto } from './board.dto.js';
import { ShowBoard } from './queries/board.js';
import { ShowClosedToday } from './queries/closed-today.js';

@ApiTags('cases')
@Controller('v1')
export class BoardController {
  constructor(private readonly queries: QueryBus) {}

  @Get('board')
  @Requires('cases:open')
  @ApiOperation({
    summary: 'Open cases of the caller’s window, and online cases that its department can take',
    operationId: 'caseBoard',
  })
  @ApiOkResponse({ type: BoardDto })
  async board(@TheClient() caller: ClientCaller): Promise<BoardDto> {
    const { department, window } = caller;
    return { department, window, ...(await this.queries.execute(new ShowBoard(caller))) };
  }

  @Get('board/today')
  @Requires('cases:open')
  @ApiOperation({ summary: 'Cases that the caller’s window closed today, without data' })
  @ApiOkResponse({ type: ClosedTodayDto })
  async today(@TheClient() caller: ClientCaller): Promise<ClosedTodayDto> {
    return { cases: await this.queries.execute(new ShowClosedToday(caller)) };
  }
}
