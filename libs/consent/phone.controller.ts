import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { ForPhones, TheCommand, ThePhone, ThePrincipal } from '#libs/identity/http';
import { AccessesDto, AccessesPageDto } from './accesses.dto.js';
import { type GrantAnswer, GrantConsent } from './commands/grant-consent.js';
import { RefuseConsent } from './commands/refuse-consent.js';
import { WithdrawConsent } from './commands/withdraw-consent.js';
import {
  GrantConsentDto,
  GrantedConsentDto,
  HolderConsentDto,
  HolderConsentsDto,
  HolderConsentsPageDto,
} from './consent.dto.js';
import { ListAccesses } from './queries/accesses.js';
import { GrantRefused } from './consent.errors.js';
import { FindHolderConsent, HolderConsents } from './queries/consents.js';

/** A holder's routes on the phone, which concern the principal's book alone. */
@ApiTags('phone')
@Controller('v1/phone')
export class PhoneConsentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('consents')
  @ForPhones()
  @ApiOperation({ summary: 'Consents requested from the holder' })
  @ApiOkResponse({ type: HolderConsentsDto })
  consents(
    @ThePrincipal() principal: Principal,
    @Query() { after }: HolderConsentsPageDto,
  ): Promise<HolderConsentsDto> {
    return this.queries.execute(new HolderConsents(principal, after ?? null));
  }

  @Get('consents/:consent')
  @ForPhones()
  @ApiOperation({ summary: 'One consent, with the text to show and to sign' })
  @ApiOkResponse({ type: HolderConsentDto })
  consent(
    @Param('consent') consent: string,
    @ThePrincipal() principal: Principal,
  ): Promise<HolderConsentDto> {
    return this.queries.execute(new FindHolderConsent(principal, consent));
  }

  @Post('consents/:consent/grant')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({
    summary: 'Grant a consent, signed by the enrolled key or by a passkey of the phone',
  })
  @ApiOkResponse({ type: GrantedConsentDto })
  grant(
    @Param('consent') consent: string,
    @Body() body: GrantConsentDto,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @TheCommand() context: CommandContext,
  ): Promise<GrantedConsentDto> {
    const answer = answerIn(body);
    return this.commands.execute(new GrantConsent(context, caller, principal, consent, answer));
  }

  @Post('consents/:consent/refuse')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({ summary: 'Refuse a consent' })
  @ApiOkResponse({ type: HolderConsentDto })
  async refuse(
    @Param('consent') consent: string,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @TheCommand() context: CommandContext,
  ): Promise<HolderConsentDto> {
    await this.commands.execute(new RefuseConsent(context, caller, principal, consent));
    return this.queries.execute(new FindHolderConsent(principal, consent));
  }

  @Post('consents/:consent/withdraw')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({ summary: 'Withdraw a granted consent' })
  @ApiOkResponse({ type: HolderConsentDto })
  async withdraw(
    @Param('consent') consent: string,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @TheCommand() context: CommandContext,
  ): Promise<HolderConsentDto> {
    await this.commands.execute(new WithdrawConsent(context, caller, principal, consent));
    return this.queries.execute(new FindHolderConsent(principal, consent));
  }

  @Get('accesses')
  @ForPhones()
  @ApiOperation({
    summary: 'Complete list of accesses to the holder’s data, the latest page first',
  })
  @ApiOkResponse({ type: AccessesDto })
  accesses(
    @ThePrincipal() principal: Principal,
    @Query() { before }: AccessesPageDto,
  ): Promise<AccessesDto> {
    return this.queries.execute(new ListAccesses(principal, before ?? null));
  }
}

/** Validation lets one of the two pass, and both. @throws GrantRefused */
function answerIn({ jws, passkey }: GrantConsentDto): GrantAnswer {
  if (jws !== undefined && passkey === undefined) return { jws };
  if (passkey !== undefined && jws === undefined) return { passkey };
  throw new GrantRefused(
    'grant_malformed',
    'a grant is by the key of the phone or by a passkey, and not by both',
    {},
    { hint: 'Send jws or passkey.' },
  );
}
