import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import { ForPhones, TheCommand, ThePhone } from '#libs/platform';
import { GrantConsent } from './commands/grant-consent.js';
import { RefuseConsent } from './commands/refuse-consent.js';
import { ShowCode } from './commands/show-code.js';
import { WithdrawConsent } from './commands/withdraw-consent.js';
import {
  AccessesDto,
  GrantConsentDto,
  GrantedConsentDto,
  HolderConsentDto,
  HolderConsentsDto,
  ShownCodeDto,
} from './consent.dto.js';
import { ListAccesses } from './queries/accesses.js';
import { FindHolderConsent, HolderConsents } from './queries/consents.js';

/** What a holder does on the phone: everything here is about the own book alone. */
@ApiTags('phone')
@Controller('v1/phone')
export class PhoneConsentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('codes')
  @ForPhones()
  @ApiOperation({ summary: 'A QR code to show at a window' })
  @ApiCreatedResponse({ type: ShownCodeDto })
  code(
    @ThePhone() caller: PhoneCaller,
    @TheCommand() context: CommandContext,
  ): Promise<ShownCodeDto> {
    return this.commands.execute(new ShowCode(context, caller));
  }

  @Get('consents')
  @ForPhones()
  @ApiOperation({ summary: 'Consents that the holder was asked for' })
  @ApiOkResponse({ type: HolderConsentsDto })
  async consents(@ThePhone() caller: PhoneCaller): Promise<HolderConsentsDto> {
    return { consents: await this.queries.execute(new HolderConsents(caller)) };
  }

  @Get('consents/:consent')
  @ForPhones()
  @ApiOperation({ summary: 'One consent, with the text to show and to sign' })
  @ApiOkResponse({ type: HolderConsentDto })
  consent(
    @Param('consent') consent: string,
    @ThePhone() caller: PhoneCaller,
  ): Promise<HolderConsentDto> {
    return this.queries.execute(new FindHolderConsent(caller, consent));
  }

  @Post('consents/:consent/grant')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({ summary: 'Grant a consent, signed by the enrolled key' })
  @ApiOkResponse({ type: GrantedConsentDto })
  grant(
    @Param('consent') consent: string,
    @Body() body: GrantConsentDto,
    @ThePhone() caller: PhoneCaller,
    @TheCommand() context: CommandContext,
  ): Promise<GrantedConsentDto> {
    return this.commands.execute(new GrantConsent(context, caller, consent, body.jws));
  }

  @Post('consents/:consent/refuse')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({ summary: 'Refuse a consent' })
  @ApiOkResponse({ type: HolderConsentDto })
  async refuse(
    @Param('consent') consent: string,
    @ThePhone() caller: PhoneCaller,
    @TheCommand() context: CommandContext,
  ): Promise<HolderConsentDto> {
    await this.commands.execute(new RefuseConsent(context, caller, consent));
    return this.queries.execute(new FindHolderConsent(caller, consent));
  }

  @Post('consents/:consent/withdraw')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({ summary: 'Take a granted consent back' })
  @ApiOkResponse({ type: HolderConsentDto })
  async withdraw(
    @Param('consent') consent: string,
    @ThePhone() caller: PhoneCaller,
    @TheCommand() context: CommandContext,
  ): Promise<HolderConsentDto> {
    await this.commands.execute(new WithdrawConsent(context, caller, consent));
    return this.queries.execute(new FindHolderConsent(caller, consent));
  }

  @Get('accesses')
  @ForPhones()
  @ApiOperation({ summary: "Every use of the holder's data, complete" })
  @ApiOkResponse({ type: AccessesDto })
  accesses(@ThePhone() caller: PhoneCaller): Promise<AccessesDto> {
    return this.queries.execute(new ListAccesses(caller));
  }
}
