import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import { Settings } from '#libs/platform';
import type { ClientCaller } from '../../caller.js';
import { JwksSource } from '../../guards/jwks-source.js';
import { BeforeSignIn, Requires, TheClient, TheCommand } from '../../http/access.js';
import { BindAccount } from '../commands/bind-account.js';
import { OperatorView } from '../operators.dto.js';
import { FindOperator } from '../queries/operators.js';
import { readAccountStatement } from './account-statement.js';
import { BindAccountDto } from './accounts.dto.js';

/** An invited operator's first sign-in with an account elsewhere. */
@ApiTags('operators')
@Controller('v1/operator-accounts')
@Requires('matters:read')
@BeforeSignIn()
export class OperatorAccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly keys: JwksSource,
    private readonly settings: Settings,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Bind an account at the operators’ issuer',
    description:
      'For terminals, with what the city’s issuer states about an operator who opened an invitation there and signed in. Uses the invitation up: the operator signs in with that account from then on.',
  })
  @ApiCreatedResponse({ type: OperatorView })
  async bind(
    @Body() { statement }: BindAccountDto,
    @TheCommand() context: CommandContext,
    @TheClient() terminal: ClientCaller,
  ): Promise<OperatorView> {
    const { issuerUrl, publicUrl } = this.settings;
    const parties = { issuer: issuerUrl, audience: publicUrl };
    const read = await readAccountStatement(statement, this.keys, parties, context.now);
    await this.commands.execute(new BindAccount(context, terminal, read));
    return OperatorView.of(await this.queries.execute(new FindOperator(read.operator)));
  }
}
