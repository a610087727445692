import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/platform';
import {
  CancelDto,
  CertificateDto,
  ChangedDto,
  HandInDto,
  IssuedDto,
  ReinstateDto,
  RevokeDto,
  SuspendDto,
} from './certificate.dto.js';
import { AmendCertificate } from './commands/amend-certificate.js';
import { ChangeStanding, type StandingChange } from './commands/change-standing.js';
import { IssueCertificate } from './commands/issue-certificate.js';
import { idempotencyKey } from './idempotency-header.js';
import { GetCertificate } from './queries/certificate.js';

const certificate = {
  name: 'certificate',
  description: 'The certificate’s id.',
  example: 'qf3H0m1V2bQ0v4yJ8m7TJw',
};

/** Where issuing authorities issue, amend, suspend, reinstate, revoke and cancel certificates of their own. */
@ApiTags('certificates')
@Controller('v1/certificates')
@Requires('certificates:issue')
export class CertificateController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Hands in the first version of a certificate that the authority signed',
  })
  @ApiHeader(idempotencyKey)
  @ApiCreatedResponse({ type: IssuedDto })
  issue(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Body() { sdJwt, files = [] }: HandInDto,
  ): Promise<IssuedDto> {
    return this.commands.execute(new IssueCertificate(context, caller, sdJwt, files));
  }

  @Get(':certificate')
  @ApiOperation({ summary: 'How a certificate of the own authority stands; nothing is decrypted' })
  @ApiParam(certificate)
  @ApiOkResponse({ type: CertificateDto })
  find(
    @TheClient() caller: ClientCaller,
    @Param('certificate') id: string,
  ): Promise<CertificateDto> {
    return this.queries.execute(new GetCertificate(caller, id));
  }

  @Post(':certificate/amend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Hands in a new version; its signed part names the one it supersedes' })
  @ApiHeader(idempotencyKey)
  @ApiParam(certificate)
  @ApiOkResponse({ type: IssuedDto })
  amend(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Param('certificate') id: string,
    @Body() { sdJwt, files = [] }: HandInDto,
  ): Promise<IssuedDto> {
    return this.commands.execute(new AmendCertificate(context, caller, id, sdJwt, files));
  }

  @Post(':certificate/suspend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Suspends a valid certificate' })
  @ApiHeader(idempotencyKey)
  @ApiParam(certificate)
  @ApiOkResponse({ type: ChangedDto })
  suspend(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Param('certificate') id: string,
    @Body() { reason }: SuspendDto,
  ): Promise<ChangedDto> {
    return this.change(context, caller, id, { kind: 'suspend', reason });
  }

  @Post(':certificate/reinstate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a suspension' })
  @ApiHeader(idempotencyKey)
  @ApiParam(certificate)
  @ApiOkResponse({ type: ChangedDto })
  reinstate(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Param('certificate') id: string,
    @Body() { reason }: ReinstateDto,
  ): Promise<ChangedDto> {
    return this.change(context, caller, id, { kind: 'reinstate', reason });
  }

  @Post(':certificate/revoke')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes a certificate back for good' })
  @ApiHeader(idempotencyKey)
  @ApiParam(certificate)
  @ApiOkResponse({ type: ChangedDto })
  revoke(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Param('certificate') id: string,
    @Body() { reason }: RevokeDto,
  ): Promise<ChangedDto> {
    return this.change(context, caller, id, { kind: 'revoke', reason });
  }

  @Post(':certificate/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a certificate that is not needed any more' })
  @ApiHeader(idempotencyKey)
  @ApiParam(certificate)
  @ApiOkResponse({ type: ChangedDto })
  cancel(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Param('certificate') id: string,
    @Body() { reason }: CancelDto,
  ): Promise<ChangedDto> {
    return this.change(context, caller, id, { kind: 'cancel', reason });
  }

  private change(
    context: CommandContext,
    caller: ClientCaller,
    id: string,
    change: StandingChange,
  ): Promise<ChangedDto> {
    return this.commands.execute(new ChangeStanding(context, caller, id, change));
  }
}
