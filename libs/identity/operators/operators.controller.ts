import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { type CommandContext, freshId } from '#libs/event-store';
import type { ClientCaller } from '../caller.js';
import { Requires, TheClient, TheCommand } from '../http/access.js';
import { ReasonDto } from '../identity.dto.js';
import { ChangeOperatorRoles } from './commands/change-operator-roles.js';
import { DisableOperator } from './commands/disable-operator.js';
import { EnableOperator } from './commands/enable-operator.js';
import { InviteOperatorAgain } from './commands/invite-operator-again.js';
import { InviteOperator } from './commands/invite-operator.js';
import { newInvitation } from './invitations.js';
import {
  ChangeOperatorRolesDto,
  InvitedOperatorView,
  InviteOperatorDto,
  OperatorPageDto,
  OperatorPageView,
  OperatorView,
} from './operators.dto.js';
import { FindOperator, ListOperators, type OperatorPage } from './queries/operators.js';

const operator = {
  name: 'operator',
  description: 'Id of the operator.',
  example: 'VwYdZzZk0n4mX8yq1rT7Cg',
};

/** People of staff: who may sign in at a department's terminals, and as what. */
@ApiTags('operators')
@Controller('v1/operators')
@Requires('clients:manage')
export class OperatorsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Invite an operator',
    description:
      'Returns a one-time invitation, valid for three days, with which the operator makes a passkey at a terminal of the department.',
  })
  @ApiCreatedResponse({ type: InvitedOperatorView })
  async invite(
    @Body() { name, department, roles }: InviteOperatorDto,
    @TheCommand() context: CommandContext,
  ): Promise<InvitedOperatorView> {
    const id = freshId(context, 'operator');
    const { code, recorded } = newInvitation(context, id);
    await this.commands.execute(
      new InviteOperator(context, {
        kind: 'invite',
        operator: id,
        department,
        roles,
        name,
        invitation: recorded,
      }),
    );
    return this.invited(id, code);
  }

  @Get()
  @ApiOperation({ summary: 'List operators, 100 per page' })
  @ApiOkResponse({ type: OperatorPageView })
  async list(@Query() { department, after }: OperatorPageDto): Promise<OperatorPageView> {
    const { operators, next } = await this.queries.execute<ListOperators, OperatorPage>(
      new ListOperators(department ?? null, after ?? ''),
    );
    return { operators: operators.map((one) => OperatorView.of(one)), next };
  }

  @Get(':operator')
  @ApiOperation({ summary: 'An operator' })
  @ApiParam(operator)
  @ApiOkResponse({ type: OperatorView })
  async find(@Param('operator') id: string): Promise<OperatorView> {
    return this.view(id);
  }

  @Post(':operator/invite-again')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Invite an operator again, whose passkey is lost',
    description:
      'The passkey that there was, and what was signed in with it, end within a second. An earlier invitation ends, too.',
  })
  @ApiParam(operator)
  @ApiOkResponse({ type: InvitedOperatorView })
  async inviteAgain(
    @Param('operator') id: string,
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
  ): Promise<InvitedOperatorView> {
    const { code, recorded } = newInvitation(context, id);
    await this.commands.execute(
      new InviteOperatorAgain(context, {
        kind: 'invite-again',
        operator: id,
        invitation: recorded,
        by: operatorOf(caller),
      }),
    );
    return this.invited(id, code);
  }

  @Post(':operator/roles')
  @HttpCode(200)
  @ApiOperation({ summary: 'Change the roles of an operator' })
  @ApiParam(operator)
  @ApiOkResponse({ type: OperatorView })
  async changeRoles(
    @Param('operator') id: string,
    @Body() { roles }: ChangeOperatorRolesDto,
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
  ): Promise<OperatorView> {
    const by = operatorOf(caller);
    await this.commands.execute(
      new ChangeOperatorRoles(context, { kind: 'change-roles', operator: id, roles, by }),
    );
    return this.view(id);
  }

  @Post(':operator/disable')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Disable an operator',
    description: 'Ends every sign-in of the operator within a second, in all processes.',
  })
  @ApiParam(operator)
  @ApiOkResponse({ type: OperatorView })
  async disable(
    @Param('operator') id: string,
    @Body() { reason }: ReasonDto,
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
  ): Promise<OperatorView> {
    const by = operatorOf(caller);
    await this.commands.execute(
      new DisableOperator(context, { kind: 'disable', operator: id, reason, by }),
    );
    return this.view(id);
  }

  @Post(':operator/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Enable a disabled operator' })
  @ApiParam(operator)
  @ApiOkResponse({ type: OperatorView })
  async enable(
    @Param('operator') id: string,
    @Body() { reason }: ReasonDto,
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
  ): Promise<OperatorView> {
    const by = operatorOf(caller);
    await this.commands.execute(
      new EnableOperator(context, { kind: 'enable', operator: id, reason, by }),
    );
    return this.view(id);
  }

  private async invited(id: string, invitation: string): Promise<InvitedOperatorView> {
    return Object.assign(new InvitedOperatorView(), await this.view(id), { invitation });
  }

  private async view(id: string): Promise<OperatorView> {
    return OperatorView.of(await this.queries.execute(new FindOperator(id)));
  }
}

const operatorOf = ({ operator: by }: ClientCaller): string | null => by?.operator ?? null;
