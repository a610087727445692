import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
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
import { Requires, TheClient, TheCommand } from './http/access.js';
import type { ClientCaller } from './caller.js';
import { ChangeTypes } from './commands/change-types.js';
import { DisableClient } from './commands/disable-client.js';
import { EnableClient } from './commands/enable-client.js';
import { RegisterClient } from './commands/register-client.js';
import { RotateKey } from './commands/rotate-key.js';
import {
  ChangeTypesDto,
  ClientPageDto,
  ClientPageView,
  ClientView,
  ReasonDto,
  RegisterClientDto,
  RegisteredClientView,
  RotateKeyDto,
} from './identity.dto.js';
import { FindClient } from './queries/client.js';
import { type ClientPage, ListClients } from './queries/clients.js';

const idempotencyKey = {
  name: 'Idempotency-Key',
  required: true,
  description: '16 to 128 visible ASCII characters; the same for every retry.',
  example: 'b7c1e0a4-7f0e-4a0c-9d54-2f1f3c8f6a11',
};
const client = {
  name: 'client',
  description: 'The OAuth client id.',
  example: 'VwYdZzZk0n4mX8yq1rT7Cg',
};

/** The clients of the ledger: registration, keys, enabling and disabling. */
@ApiTags('clients')
@Controller('v1/clients')
@Requires('clients:manage')
export class IdentityController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Register a client with its public keys',
    description:
      'Each key needs a proof of possession: a JWS by that key over the client’s registration (`proveClientKey` in libs/api-client). A key that another client has or had, and a credit code that another authority has, are refused.',
  })
  @ApiHeader(idempotencyKey)
  @ApiCreatedResponse({ type: RegisteredClientView })
  async register(
    @Body() body: RegisterClientDto,
    @TheCommand() context: CommandContext,
  ): Promise<RegisteredClientView> {
    const id = freshId(context, 'client');
    const lookalikes = await this.commands.execute(
      new RegisterClient(context, {
        kind: 'register',
        client: id,
        clientKind: body.kind,
        name: body.name,
        department: body.department,
        window: body.window ?? null,
        town: body.town ?? null,
        authority: body.authority ?? null,
        scopes: body.scopes ?? null,
        signIn: body.signIn ?? null,
        keys: body.keys,
      }),
    );
    return Object.assign(await this.view(id), { lookalikes });
  }

  @Get()
  @ApiOperation({ summary: 'List registered clients, 100 per page' })
  @ApiOkResponse({ type: ClientPageView })
  async list(@Query() { after }: ClientPageDto): Promise<ClientPageView> {
    const { clients, next } = await this.queries.execute<ListClients, ClientPage>(
      new ListClients(after ?? ''),
    );
    return { clients: clients.map((client) => ClientView.of(client)), next };
  }

  @Get(':client')
  @ApiOperation({ summary: 'The registration of a client' })
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async find(@Param('client') id: string): Promise<ClientView> {
    return this.view(id);
  }

  @Post(':client/keys')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Replace all keys of a client with a new one',
    description:
      'The new key needs a proof of possession. The new key of an issuing authority must also be signed by its old key, or approved by a second administrator who is independent of the first. An administrator admitted by a key file on the ledger’s machine gets a new key only by its own request, or by that file.',
  })
  @ApiHeader(idempotencyKey)
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async rotate(
    @Param('client') id: string,
    @Body() body: RotateKeyDto,
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
  ): Promise<ClientView> {
    const { jwk, proof, approval = null } = body;
    await this.commands.execute(new RotateKey(context, caller, id, { jwk, proof }, approval));
    return this.view(id);
  }

  @Post(':client/types')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Change the certificate types that an issuing authority may issue',
    description:
      'Takes effect at once in this process, and within a second in all others. Certificates issued before remain; those of a removed type can no longer be changed by the authority.',
  })
  @ApiHeader(idempotencyKey)
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async changeTypes(
    @Param('client') id: string,
    @Body() { add = [], remove = [] }: ChangeTypesDto,
    @TheCommand() context: CommandContext,
  ): Promise<ClientView> {
    await this.commands.execute(
      new ChangeTypes(context, { kind: 'change-types', client: id, add, remove }),
    );
    return this.view(id);
  }

  @Post(':client/disable')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Disable a client',
    description:
      'Not for an administrator admitted by a key file on the ledger’s machine: replace the key in that file instead.',
  })
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
      new DisableClient(context, { kind: 'disable', client: id, reason, by }),
    );
    return this.view(id);
  }

  @Post(':client/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Enable a disabled client' })
  @ApiHeader(idempotencyKey)
  @ApiParam(client)
  @ApiOkResponse({ type: ClientView })
  async enable(
    @Param('client') id: string,
    @Body() { reason }: ReasonDto,
    @TheCommand() context: CommandContext,
  ): Promise<ClientView> {
    await this.commands.execute(new EnableClient(context, { kind: 'enable', client: id, reason }));
    return this.view(id);
  }

  private async view(id: string): Promise<ClientView> {
    return ClientView.of(await this.queries.execute(new FindClient(id)));
  }
}
