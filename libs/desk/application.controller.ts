import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OpenCaseOnline } from '#libs/case/commands';
import type { CommandContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { ForPhones, TheCommand, ThePhone, ThePrincipal } from '#libs/identity/http';
import { ApplicationDto, ApplicationsDto, OpenApplicationDto } from './application.dto.js';
import { WithdrawApplication } from './commands/withdraw-application.js';
import { ViewApplication } from './queries/application-view.js';
import { ListApplications } from './queries/applications.js';

/** A holder's own online cases. */
@ApiTags('phone')
@Controller('v1/phone/cases')
export class ApplicationController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @ForPhones()
  @ApiOperation({
    summary: 'Open a case online, for the department of the matter',
    description:
      'Signed by the enrolled key, so that no number is compared when the window asks. The case belongs to no window until one of the department takes it.',
  })
  @ApiCreatedResponse({ type: ApplicationDto })
  async open(
    @Body() { jws }: OpenApplicationDto,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @TheCommand() context: CommandContext,
  ): Promise<ApplicationDto> {
    const id = await this.commands.execute(new OpenCaseOnline(context, caller, principal, jws));
    return this.queries.execute(new ViewApplication(principal, id));
  }

  @Get(':case')
  @ForPhones()
  @ApiOperation({ summary: 'One of the holder’s online cases: how far it is, and its materials' })
  @ApiOkResponse({ type: ApplicationDto })
  view(@Param('case') id: string, @ThePrincipal() principal: Principal): Promise<ApplicationDto> {
    return this.queries.execute(new ViewApplication(principal, id));
  }

  @Post(':case/withdraw')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({
    summary: 'Withdraw an online case',
    description: 'Requests that wait for it are refused, and grants not used yet are withdrawn.',
  })
  @ApiOkResponse({ type: ApplicationDto })
  async withdraw(
    @Param('case') id: string,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @TheCommand() context: CommandContext,
  ): Promise<ApplicationDto> {
    await this.commands.execute(new WithdrawApplication(context, caller, principal, id));
    return this.queries.execute(new ViewApplication(principal, id));
  }
}

/** The list, from its read model. */
@ApiTags('phone')
@Controller('v1/phone/cases')
export class ApplicationsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ForPhones()
  @ApiOperation({ summary: 'Online cases of the holder' })
  @ApiOkResponse({ type: ApplicationsDto })
  async list(@ThePrincipal() principal: Principal): Promise<ApplicationsDto> {
    return { cases: await this.queries.execute(new ListApplications(principal)) };
  }
}
