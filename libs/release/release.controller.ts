import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import { Metrics } from '#libs/platform';
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
    summary: 'Release: redeem a consent, once, for the data that the holder granted',
    description:
      'A consent that can be answered in part is released in part. If nothing can be answered, the request is refused with the reason, which is recorded in the holder’s book; the consent is not spent, and ends after the third such refusal. Before data leave, everything that the release rests on is checked again: a withdrawal, a revoked key or a disabled terminal that was acknowledged before withholds it (`release_withheld`). Replies are not stored: a second request with the same Idempotency-Key is refused like any other second use.',
  })
  @ApiOkResponse({ type: ReceiptedDto })
  async pull(
    @Body() body: PullReleaseDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<ReceiptedDto> {
    const released = await this.commands.execute(
      new PullRelease(context, caller, body.token, {
        action: body.action ?? 'read',
        read: body.identifier ?? null,
      }),
    );
    // Counted here and not where it was recorded, because it may have been withheld since.
    this.metrics.releases.inc({ kind: 'released' });
    return released;
  }

  @Post('cases/:id/consents/:consent/read-again')
  @HttpCode(200)
  @Requires('releases:pull')
  @ApiOperation({
    summary:
      'Read the released data again at the same terminal, within 30 minutes while the case is open',
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
