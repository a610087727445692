import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '../../caller.js';
import { BeforeSignIn, Requires, TheClient, TheCommand } from '../../http/access.js';
import { Settings } from '#libs/platform';
import {
  AddPasskey,
  creationAt,
  mustBeTerminalOf,
  mustMakePasskey,
} from '../commands/add-passkey.js';
import { readInvitation } from '../invitations.js';
import { OperatorNames } from '../operator-names.js';
import { mustBeOpen } from '../operators.decider.js';
import { OperatorView } from '../operators.dto.js';
import { readOperator } from '../operators.stream.js';
import { FindOperator } from '../queries/operators.js';
import { AddPasskeyDto, PasskeyCreationView, PasskeyInvitationDto } from './passkeys.dto.js';
import { Passkeys } from './passkeys.js';

/** An invited operator's first act: a passkey, at a terminal of the own department. */
@ApiTags('operators')
@Controller('v1/operator-passkeys')
@Requires('matters:read')
@BeforeSignIn()
export class OperatorPasskeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly store: EventStore,
    private readonly names: OperatorNames,
    private readonly passkeys: Passkeys,
    private readonly settings: Settings,
  ) {}

  @Post('options')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begin to make a passkey',
    description:
      'For terminals, with the invitation of an operator of their department. Returns what `navigator.credentials.create` takes; its challenge can be answered once, within three minutes.',
  })
  @ApiOkResponse({ type: PasskeyCreationView })
  async options(
    @Body() { invitation }: PasskeyInvitationDto,
    @TheCommand() { now }: CommandContext,
    @TheClient() terminal: ClientCaller,
  ): Promise<PasskeyCreationView> {
    const { operator, hash } = invitationIn(invitation);
    const state = mustBeOpen(operator, hash, await readOperator(this.store, operator), now);
    const { invited } = state;
    mustBeTerminalOf(terminal, invited.department);
    mustMakePasskey(state, this.settings);
    const name = (await this.names.open(operator, invited.name)) ?? operator;
    const of = creationAt(terminal.client, operator);
    const publicKey = await this.passkeys.creation(of, { operator, name }, now);
    return { publicKey: { ...publicKey } };
  }

  @Post()
  @ApiOperation({
    summary: 'Finish making a passkey',
    description: 'Uses the invitation up: the operator signs in with the passkey from then on.',
  })
  @ApiCreatedResponse({ type: OperatorView })
  async add(
    @Body() { invitation, credential }: AddPasskeyDto,
    @TheCommand() context: CommandContext,
    @TheClient() terminal: ClientCaller,
  ): Promise<OperatorView> {
    const told = invitationIn(invitation);
    await this.commands.execute(new AddPasskey(context, terminal, told, credential));
    return OperatorView.of(await this.queries.execute(new FindOperator(told.operator)));
  }
}

/** The form of an invitation is checked before; one of another form is of nobody. */
const invitationIn = (code: string) => readInvitation(code) ?? { operator: '', hash: '' };
