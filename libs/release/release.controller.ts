import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Metrics, Requires, TheClient, TheCommand } from '#libs/platform';
import { PullRelease } from './commands/pull-release.js';
import { ReadAgain } from './commands/read-again.js';
import { PullReleaseDto, ReceiptedDto } from './release.dto.js';

@ApiTags('releases')
@Controller('v1')
export class ReleaseController {
  constructor(
    private readonly commands: CommandBus,
    private readonly metrics: Metrics,
  ) {}

  @Post('releases')
  @HttpCode(200)
  @Requires('releases:pull')
  @ApiOperation({
    summary: 'Redeem a consent: what the holder granted, once',
    description:
      'Partly answerable consents are answered in part; where nothing can be answered the request is refused and the consent is not spent. Answers are not kept: a second request with the same key is refused like any other second use.',
  })
  @ApiOkResponse({ type: ReceiptedDto })
  async pull(
    @Body() body: PullReleaseDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<ReceiptedDto> {
    const released = await this.commands.execute(new PullRelease(context, caller, body.token));
    // Here, and not where it was recorded: after that it may have been withheld.
    this.metrics.releases.inc({ kind: 'released' });
    return released;
  }

  @Post('cases/:id/consents/:consent/read-again')
  @HttpCode(200)
  @Requires('releases:pull')
  @ApiOperation({
    summary: 'Read the same again at the same terminal, for 30 minutes while the case is open',
  })
  @ApiOkResponse({ type: ReceiptedDto })
  async readAgain(
    @Param('id') id: string,
    @Param('consent') consent: string,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<ReceiptedDto> {
    const released = await this.commands.execute(new ReadAgain(context, caller, id, consent));
    this.metrics.releases.inc({ kind: 'read_again' });
    return released;
  }
}
