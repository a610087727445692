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
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import {
  CancelDto,
  CertificateDto,
  ChangedDto,
  HandInDto,
  IssuedDto,
  IssuerDto,
  ReinstateDto,
  RevokeDto,
  SuspendDto,
} from './certificate.dto.js';
import { ChangeStanding, type StandingChange } from './commands/change-standing.js';
import { HandInCertificate } from './commands/hand-in-certificate.js';
import { FoundCertificatesDto, SearchCertificatesDto } from './search.dto.js';
import { SearchCertificates } from './queries/certificates.js';
import { idempotencyKey } from './idempotency-header.js';
import { GetCertificate } from './queries/certificate.js';
import { GetIssuer } from './queries/issuer.js';

const certificate = {
  name: 'certificate',
  description: 'The certificate’s id.',
  example: 'qf3H0m1V2bQ0v4yJ8m7TJw',
};

/**
 * Where issuing authorities issue, amend, suspend, reinstate, revoke and cancel certificates of
 * their own.
 */
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
    summary: 'Issue a certificate: submit its first version, signed by the authority',
  })
  @ApiHeader(idempotencyKey)
  @ApiCreatedResponse({ type: IssuedDto })
  issue(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Body() { sdJwt, files = [] }: HandInDto,
  ): Promise<IssuedDto> {
    return this.commands.execute(new HandInCertificate(context, caller, null, sdJwt, files));
  }

  @Post('search')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Search the authority’s own certificates by number, holder, type or state; newest first',
  })
  @ApiHeader(idempotencyKey)
  @ApiOkResponse({ type: FoundCertificatesDto })
  search(
    @TheClient() caller: ClientCaller,
    @Body() sought: SearchCertificatesDto,
  ): Promise<FoundCertificatesDto> {
    return this.queries.execute(new SearchCertificates(caller, sought));
  }

  @Get('issuer')
  @ApiOperation({
    summary:
      'The caller’s registration: its credit code and the certificate types that it may issue',
  })
  @ApiOkResponse({ type: IssuerDto })
  issuer(@TheClient() caller: ClientCaller): Promise<IssuerDto> {
    return this.queries.execute(new GetIssuer(caller));
  }

  @Get(':certificate')
  @ApiOperation({
    summary: 'State of one of the authority’s own certificates; nothing is decrypted',
  })
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
  @ApiOperation({
    summary:
      'Amend a certificate: submit a new version, whose signed part names the one it supersedes',
  })
  @ApiHeader(idempotencyKey)
  @ApiParam(certificate)
  @ApiOkResponse({ type: IssuedDto })
  amend(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Param('certificate') id: string,
    @Body() { sdJwt, files = [] }: HandInDto,
  ): Promise<IssuedDto> {
    return this.commands.execute(new HandInCertificate(context, caller, id, sdJwt, files));
  }

  @Post(':certificate/suspend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Suspend a valid certificate' })
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
  @ApiOperation({ summary: 'Reinstate a suspended certificate' })
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
  @ApiOperation({ summary: 'Revoke a certificate permanently' })
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
  @ApiOperation({ summary: 'Cancel a certificate that is no longer needed' })
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
