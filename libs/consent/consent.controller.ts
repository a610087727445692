import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import { MintToken } from './commands/mint-token.js';
import { RequestConsent } from './commands/request-consent.js';
import { WithdrawRequest } from './commands/withdraw-request.js';
import {
  MintedTokenDto,
  RequestConsentDto,
  WaitingConsentDto,
  WindowConsentDto,
} from './consent.dto.js';
import { ConsentState } from './queries/consents.js';

@ApiTags('consents')
@Controller('v1/cases/:id/consents')
export class ConsentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Requires('releases:pull')
  @ApiOperation({ summary: 'Request consent from a participant' })
  @ApiCreatedResponse({ type: WaitingConsentDto })
  request(
    @Param('id') id: string,
    @Body() body: RequestConsentDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<WaitingConsentDto> {
    return this.commands.execute(
      new RequestConsent(context, caller, id, body.role, body.materials, body.action),
    );
  }

  @Get(':consent')
  @Requires('releases:pull')
  @ApiOperation({ summary: 'State of a consent' })
  @ApiOkResponse({ type: WindowConsentDto })
  state(
    @Param('id') id: string,
    @Param('consent') consent: string,
    @TheClient() caller: ClientCaller,
  ): Promise<WindowConsentDto> {
    return this.queries.execute(new ConsentState(caller, id, consent));
  }

  @Post(':consent/token')
  @HttpCode(200)
  @Requires('releases:pull')
  @ApiOperation({ summary: 'Get the token that redeems a granted consent, valid for one minute' })
  @ApiOkResponse({ type: MintedTokenDto })
  token(
    @Param('id') id: string,
    @Param('consent') consent: string,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<MintedTokenDto> {
    return this.commands.execute(new MintToken(context, caller, id, consent));
  }

  @Post(':consent/withdraw')
  @HttpCode(200)
  @Requires('releases:pull')
  @ApiOperation({
    summary: 'Withdraw a request for consent that waits, or was granted and not used',
    description:
      'Only the terminal that asked can. The holder’s phone shows that it was withdrawn.',
  })
  @ApiOkResponse({ type: WindowConsentDto })
  async withdraw(
    @Param('id') id: string,
    @Param('consent') consent: string,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<WindowConsentDto> {
    await this.commands.execute(new WithdrawRequest(context, caller, id, consent));
    return this.queries.execute(new ConsentState(caller, id, consent));
  }
}
