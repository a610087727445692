import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ParticipantRole } from '#libs/catalogue';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/platform';
import {
  BringMaterialDto,
  CaseDto,
  CloseCaseDto,
  OpenCaseDto,
  type ParticipantDto,
} from './case.dto.js';
import { CaseInvalid } from './case.errors.js';
import { BringMaterial } from './commands/bring-material.js';
import { CloseCase } from './commands/close-case.js';
import { type NamedParticipant, OpenCase } from './commands/open-case.js';
import { ViewCase } from './queries/case-view.js';

@ApiTags('cases')
@Controller('v1')
export class CaseController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('cases')
  @Requires('cases:open')
  @ApiOperation({ summary: 'Open a case for a matter at the own window' })
  @ApiCreatedResponse({ type: CaseDto })
  async open(
    @Body() body: OpenCaseDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<CaseDto> {
    const participants = body.participants.map(named);
    const id = await this.commands.execute(
      new OpenCase(context, caller, body.matter, participants),
    );
    return this.queries.execute(new ViewCase(caller, id));
  }

  @Get('cases/:id')
  @Requires('cases:open')
  @ApiOperation({ summary: 'A case of the own window: its materials, how each stands and why' })
  @ApiOkResponse({ type: CaseDto })
  view(@Param('id') id: string, @TheClient() caller: ClientCaller): Promise<CaseDto> {
    return this.queries.execute(new ViewCase(caller, id));
  }

  @Post('cases/:id/materials/:code/bring')
  @HttpCode(200)
  @Requires('cases:open')
  @ApiOperation({ summary: 'Note that the applicant brought a material' })
  @ApiOkResponse({ type: CaseDto })
  async bring(
    @Param('id') id: string,
    @Param('code') code: string,
    @Body() body: BringMaterialDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<CaseDto> {
    await this.commands.execute(new BringMaterial(context, caller, id, code, body.reason));
    return this.queries.execute(new ViewCase(caller, id));
  }

  @Post('cases/:id/close')
  @HttpCode(200)
  @Requires('cases:open')
  @ApiOperation({ summary: 'Close a case: nothing is released for it any more' })
  @ApiOkResponse({ type: CaseDto })
  async close(
    @Param('id') id: string,
    @Body() body: CloseCaseDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<CaseDto> {
    await this.commands.execute(new CloseCase(context, caller, id, body.outcome));
    return this.queries.execute(new ViewCase(caller, id));
  }
}

/** One of the two ways to say who it is, and not both. */
function named({ role, identifier, code }: ParticipantDto): NamedParticipant {
  const as = { role: role as ParticipantRole };
  if (identifier !== undefined && code === undefined) return { ...as, identifier };
  if (code !== undefined && identifier === undefined) return { ...as, code };
  throw new CaseInvalid(
    'participant_ambiguous',
    'a participant is named by a number or by a code, one of them',
  );
}
