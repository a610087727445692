import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CaseInvalid } from '#libs/case';
import { CloseCase, type NamedParticipant, OpenCase, TakeCase } from '#libs/case/commands';
import type { ParticipantRole } from '#libs/catalogue';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import {
  BringMaterialDto,
  CaseDto,
  CloseCaseDto,
  OpenCaseDto,
  type ParticipantDto,
} from './case.dto.js';
import { BringMaterial } from './commands/bring-material.js';
import { ReturnCase } from './commands/return-case.js';
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
  @ApiOperation({
    summary: 'Open a case for a matter at the caller’s window, or a self-service matter at a kiosk',
    description:
      'A kiosk opens cases of self-service matters alone, for one participant; every other caller opens the others',
  })
  @ApiCreatedResponse({ type: CaseDto })
  async open(
    @Body() body: OpenCaseDto,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<CaseDto> {
    const participants = body.participants.map(named);
    const id = await this.commands.execute(
      new OpenCase(
        context,
        caller,
        body.matter,
        participants,
        body.queueNumber ?? null,
        body.materials ?? null,
      ),
    );
    return this.queries.execute(new ViewCase(caller, id));
  }

  @Get('cases/:id')
  @Requires('cases:open')
  @ApiOperation({ summary: 'A case of the caller’s window: its materials with state and reason' })
  @ApiOkResponse({ type: CaseDto })
  view(@Param('id') id: string, @TheClient() caller: ClientCaller): Promise<CaseDto> {
    return this.queries.execute(new ViewCase(caller, id));
  }

  @Post('cases/:id/take')
  @HttpCode(200)
  @Requires('cases:open')
  @ApiOperation({
    summary: 'Take a case that was opened online for the caller’s department',
    description:
      'From then on it is the open case of the caller’s window. Of two windows one gets it; the other is told `case_already_taken`.',
  })
  @ApiOkResponse({ type: CaseDto })
  async take(
    @Param('id') id: string,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<CaseDto> {
    await this.commands.execute(new TakeCase(context, caller, id));
    return this.queries.execute(new ViewCase(caller, id));
  }

  @Post('cases/:id/return')
  @HttpCode(204)
  @Requires('cases:open')
  @ApiOperation({
    summary: 'Give an online case back to the board of the caller’s department',
    description:
      'By the window that took it, while none of its requests is under way and nothing was released or brought for it. From then on any window of the department can take it.',
  })
  @ApiNoContentResponse()
  async return(
    @Param('id') id: string,
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
  ): Promise<void> {
    await this.commands.execute(new ReturnCase(context, caller, id));
  }

  @Post('cases/:id/materials/:code/bring')
  @HttpCode(200)
  @Requires('cases:open')
  @ApiOperation({ summary: 'Record that the applicant brought the paper of a material' })
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
  @ApiOperation({ summary: 'Close a case; no further release is possible' })
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

/** Exactly one of the two ways to identify a participant. */
function named({ role, identifier, code }: ParticipantDto): NamedParticipant {
  const as = { role: role as ParticipantRole };
  if (identifier !== undefined && code === undefined) return { ...as, identifier };
  if (code !== undefined && identifier === undefined) return { ...as, code };
  throw new CaseInvalid(
    'participant_ambiguous',
    'a participant is named by a number or by a code, one of them',
  );
}
