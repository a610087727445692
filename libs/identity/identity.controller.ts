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
import { type CommandContext, freshId } from '#libs/event-store';
import { Requires, TheClient, TheCommand } from '#libs/platform';
import type { ClientCaller } from './caller.js';
import { DisableClient } from './commands/disable-client.js';
import { EnableClient } from './commands/enable-client.js';
import { RegisterClient } from './commands/register-client.js';
import { RotateKey } from './commands/rotate-key.js';
import { ClientView, ReasonDto, RegisterClientDto, RotateKeyDto } from './identity.dto.js';
import { FindClient } from './queries/client.js';

const idempotencyKey = {
  name: 'Idempotency-Key',
  required: true,
  description: '16 to 128 visible ASCII letters, the same for every retry.',
  example: 'b7c1e0a4-7f0e-4a0c-9d54-2f1f3c8f6a11',
};
const client = {
  name: 'client',
  description: 'The OAuth client id.',
  example: 'VwYdZzZk0n4mX8yq1rT7Cg',
};

/** The clients of the ledger: who they are, their keys, and whether they may call. */
@ApiTags('clients')
@Controller('v1/clients')
@Requires('clients:manage')
export class IdentityController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Registers a client with its public keys' })
  @ApiHeader(idempotencyKey)
  @ApiCreatedResponse({ type: ClientView })
  async register(
    @Body() body: RegisterClientDto,
    @TheCommand() context: CommandContext,
  ): Promise<ClientView> {
    const id = freshId(context, 'client');
    await this.commands.execute(
      new RegisterClient(context, {
        do: 'register',
        client: id,
        kind: body.kind,
        name: body.name,
        department: body.department,
        window: body.window ?? null,
        town: body.town ?? null,
        authority: body.authority ?? null,
        scopes: body.scopes ?? null,
        keys: body.keys,
      }),
    );
    return this.view(id);
  }

  @Get(':client')
  @ApiOperation({ summary: 'What the register knows of a client' })
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async find(@Param('client') id: string): Promise<ClientView> {
    return this.view(id);
  }

  @Post(':client/keys')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives a client a new key; all others stop at once' })
  @ApiHeader(idempotencyKey)
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async rotate(
    @Param('client') id: string,
    @Body() body: RotateKeyDto,
    @TheCommand() context: CommandContext,
  ): Promise<ClientView> {
    await this.commands.execute(
      new RotateKey(context, { do: 'rotate-key', client: id, jwk: body.jwk }),
    );
    return this.view(id);
  }

  @Post(':client/disable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shuts a client out' })
  @ApiHeader(idempotencyKey)
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async disable(
    @Param('client') id: string,
    @Body() { reason }: ReasonDto,
    @TheCommand() context: CommandContext,
    @TheClient() { client: by }: ClientCaller,
  ): Promise<ClientView> {
    await this.commands.execute(
      new DisableClient(context, { do: 'disable', client: id, reason, by }),
    );
    return this.view(id);
  }

  @Post(':client/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets a client in again' })
  @ApiHeader(idempotencyKey)
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async enable(
    @Param('client') id: string,
    @Body() { reason }: ReasonDto,
    @TheCommand() context: CommandContext,
  ): Promise<ClientView> {
    await this.commands.execute(new EnableClient(context, { do: 'enable', client: id, reason }));
    return this.view(id);
  }

  private async view(id: string): Promise<ClientView> {
    return ClientView.of(await this.queries.execute(new FindClient(id)));
  }
}
