import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import { ApproveExclusion } from './commands/approve-exclusion.js';
import { RequestExclusion } from './commands/request-exclusion.js';
import { WithdrawExclusion } from './commands/withdraw-exclusion.js';
import { ExclusionAbsent, ExclusionUnclear } from './exclusion.errors.js';
import {
  ExclusionDto,
  ExclusionsDto,
  RequestExclusionBody,
  WithdrawnExclusion,
} from './exclusion.dto.js';
import type { EventPlace } from './foreign-events.js';
import { FindExclusions } from './queries/exclusions.js';

@ApiTags('ledger')
@Controller('v1/ledger')
export class ExclusionController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('exclusions')
  @Requires('ledger:exclude')
  @ApiOperation({
    summary: 'Request that foreign events of a stream be excluded from the ledger',
    description:
      'Name the stream, or one of its events by position and hash, as `verify ledger` reports them. The exclusion covers exactly the foreign events after the last sealed record, at most 256. It is accepted also while the ledger is read-only because of these events.',
  })
  @ApiCreatedResponse({ type: ExclusionDto })
  async request(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Body() body: RequestExclusionBody,
  ): Promise<ExclusionDto> {
    const { id } = await this.commands.execute(
      new RequestExclusion(context, caller, namedIn(body), body.reason),
    );
    return this.#find(id);
  }

  @Get('exclusions')
  @Requires('ledger:audit')
  @ApiOperation({
    summary: 'Foreign events excluded from the ledger, with the administrators who decided it',
  })
  @ApiOkResponse({ type: ExclusionsDto })
  async exclusions(): Promise<ExclusionsDto> {
    return { exclusions: await this.queries.execute(new FindExclusions()) };
  }

  @Get('exclusions/:id')
  @Requires('ledger:exclude')
  @ApiOperation({ summary: 'State of an exclusion' })
  @ApiOkResponse({ type: ExclusionDto })
  exclusion(@Param('id') id: string): Promise<ExclusionDto> {
    return this.#find(id);
  }

  @Post('exclusions/:id/approve')
  @HttpCode(200)
  @Requires('ledger:exclude')
  @ApiOperation({
    summary: 'Approve an exclusion that another administrator asked for; the ledger then continues',
  })
  @ApiOkResponse({ type: ExclusionDto })
  async approve(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Param('id') id: string,
  ): Promise<ExclusionDto> {
    await this.commands.execute(new ApproveExclusion(context, caller, id));
    return this.#find(id);
  }

  @Post('exclusions/:id/withdraw')
  @HttpCode(200)
  @Requires('ledger:exclude')
  @ApiOperation({
    summary: 'Withdraw one’s own exclusion request before it is approved',
  })
  @ApiOkResponse({ type: WithdrawnExclusion })
  withdraw(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Param('id') id: string,
  ): Promise<WithdrawnExclusion> {
    return this.commands.execute(new WithdrawExclusion(context, caller, id));
  }

  async #find(id: string): Promise<ExclusionDto> {
    const all = await this.queries.execute(new FindExclusions());
    const found = all.find(({ exclusion }) => exclusion === id);
    if (found === undefined)
      throw new ExclusionAbsent('exclusion_absent', 'there is no such exclusion');
    return found;
  }
}

/** @throws ExclusionUnclear */
function namedIn({ stream, position, hash }: RequestExclusionBody): string | EventPlace {
  if (stream !== undefined && position === undefined && hash === undefined) return stream;
  if (stream === undefined && position !== undefined && hash !== undefined)
    return { position, hash };
  throw new ExclusionUnclear(
    'exclusion_unclear',
    'name either a stream, or the position and the hash of one event',
  );
}
