import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import { ApproveErasure } from './commands/approve-erasure.js';
import { LiftLegalHold } from './commands/lift-legal-hold.js';
import { PlaceLegalHold } from './commands/place-legal-hold.js';
import { RequestErasure } from './commands/request-erasure.js';
import { WithdrawErasure } from './commands/withdraw-erasure.js';
import {
  ApprovedErasure,
  ErasureState,
  LegalHold,
  LiftLegalHoldBody,
  OpenErasures,
  PlaceLegalHoldBody,
  RequestedErasure,
  RequestErasureBody,
  StandingLegalHolds,
  WithdrawnErasure,
} from './erasure.dto.js';
import { FindErasure, ListErasures } from './queries/erasure.js';
import { ListLegalHolds } from './queries/legal-holds.js';

@ApiTags('erasure')
@Controller('v1')
@Requires('subjects:erase')
export class ErasureController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('erasures')
  @ApiOperation({ summary: 'Request the erasure of a subject’s data' })
  @ApiCreatedResponse({ type: RequestedErasure })
  request(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Body() { identifier, subject, reason }: RequestErasureBody,
  ): Promise<RequestedErasure> {
    return this.commands.execute(
      new RequestErasure(context, caller, { identifier, subject }, reason),
    );
  }

  @Get('erasures')
  @ApiOperation({ summary: 'Erasures that wait for an approval, or are being carried out' })
  @ApiOkResponse({ type: OpenErasures })
  async erasures(): Promise<OpenErasures> {
    const erasures = await this.queries.execute(new ListErasures());
    return { erasures };
  }

  @Get('erasures/:id')
  @ApiOperation({ summary: 'State of an erasure' })
  @ApiOkResponse({ type: ErasureState })
  erasure(@Param('id') id: string): Promise<ErasureState> {
    return this.queries.execute(new FindErasure(id));
  }

  @Post('erasures/:id/approve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Approve and carry out an erasure that another administrator asked for',
  })
  @ApiOkResponse({ type: ApprovedErasure })
  approve(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Param('id') id: string,
  ): Promise<ApprovedErasure> {
    return this.commands.execute(new ApproveErasure(context, caller, id));
  }

  @Post('erasures/:id/withdraw')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Withdraw one’s own erasure request before it is approved',
  })
  @ApiOkResponse({ type: WithdrawnErasure })
  withdraw(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Param('id') id: string,
  ): Promise<WithdrawnErasure> {
    return this.commands.execute(new WithdrawErasure(context, caller, id));
  }

  @Get('legal-holds')
  @ApiOperation({ summary: 'Legal holds that stand' })
  @ApiOkResponse({ type: StandingLegalHolds })
  async holds(): Promise<StandingLegalHolds> {
    return { holds: await this.queries.execute(new ListLegalHolds()) };
  }

  @Post('legal-holds')
  @ApiOperation({
    summary: 'Place a legal hold: the data of a subject are kept until it is lifted',
  })
  @ApiCreatedResponse({ type: LegalHold })
  placeHold(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Body() { identifier, subject, basis }: PlaceLegalHoldBody,
  ): Promise<LegalHold> {
    return this.commands.execute(
      new PlaceLegalHold(context, caller, { identifier, subject }, basis),
    );
  }

  @Post('legal-holds/:id/lift')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lift a legal hold' })
  @ApiOkResponse({ type: LegalHold })
  liftHold(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Param('id') id: string,
    @Body() { basis }: LiftLegalHoldBody,
  ): Promise<LegalHold> {
    return this.commands.execute(new LiftLegalHold(context, caller, id, basis));
  }
}
