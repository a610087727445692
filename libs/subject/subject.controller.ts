import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller, PhoneCaller, Principal } from '#libs/identity';
import {
  ForPhones,
  Requires,
  TheClient,
  TheCommand,
  ThePhone,
  ThePrincipal,
} from '#libs/identity/http';
import { ForAnyone } from '#libs/platform';
import { ConfirmEnrolment } from './commands/confirm-enrolment.js';
import { IdentifySubject } from './commands/identify-subject.js';
import { OfferPhoneKey } from './commands/offer-phone-key.js';
import { OpenEnrolment } from './commands/open-enrolment.js';
import { OpenTypedCode } from './commands/open-typed-code.js';
import { RevokePhoneKey } from './commands/revoke-phone-key.js';
import {
  ConfirmedEnrolment,
  ConfirmEnrolmentBody,
  EnrolmentCode,
  EnrolmentState,
  IdentifiedSubject,
  IdentifySubjectBody,
  OfferedKeyBody,
  OfferedKeyState,
  OfferedPhoneKey,
  OfferPhoneKeyBody,
  OpenedEnrolment,
  OpenEnrolmentBody,
  PhoneKeysOfHolder,
  RevokedPhoneKey,
  RevokePhoneKeyBody,
  TypedCodeBody,
} from './subject.dto.js';
import { FindEnrolment } from './queries/enrolment.js';
import { FindOfferedKey } from './queries/offered-key.js';
import { FindOwnPhoneKeys } from './queries/own-phone-keys.js';

@ApiTags('subjects')
@Controller('v1')
export class SubjectController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('subjects/identify')
  @HttpCode(200)
  @Requires('subjects:identify')
  @ApiOperation({ summary: 'Record that a person’s identity was checked' })
  @ApiOkResponse({ type: IdentifiedSubject })
  identify(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Body() { identifier, basis }: IdentifySubjectBody,
  ): Promise<IdentifiedSubject> {
    return this.commands.execute(new IdentifySubject(context, caller, identifier, basis));
  }

  @Post('enrolments')
  @Requires('subjects:identify')
  @ApiOperation({
    summary: 'Open an enrolment: get a one-time code for the phone of an identified person',
  })
  @ApiCreatedResponse({ type: OpenedEnrolment })
  openEnrolment(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Body() { identifier }: OpenEnrolmentBody,
  ): Promise<OpenedEnrolment> {
    return this.commands.execute(new OpenEnrolment(context, caller, identifier));
  }

  @Post('enrolments/typed')
  @HttpCode(200)
  @ForAnyone()
  @ApiOperation({
    summary: 'Exchange a typed code for the code of its enrolment',
    description:
      'For a phone that cannot scan: the handle of the terminal and eight digits, at most five tries for each enrolment, within its 10 minutes.',
  })
  @ApiOkResponse({ type: EnrolmentCode })
  typedCode(
    @TheCommand() context: CommandContext,
    @Body() { handle, digits }: TypedCodeBody,
  ): Promise<EnrolmentCode> {
    return this.commands.execute(new OpenTypedCode(context, handle, digits));
  }

  @Post('enrolments/offer')
  @HttpCode(200)
  @ForAnyone()
  @ApiOperation({ summary: 'Show the code and offer the key of a phone' })
  @ApiOkResponse({ type: OfferedPhoneKey })
  offerPhoneKey(
    @TheCommand() context: CommandContext,
    @Body() { code, jwk, proof }: OfferPhoneKeyBody,
  ): Promise<OfferedPhoneKey> {
    return this.commands.execute(new OfferPhoneKey(context, code, jwk, proof));
  }

  @Post('enrolments/state')
  @HttpCode(200)
  @ForAnyone()
  @ApiOperation({ summary: 'Whether the key that the phone offered is enrolled by now' })
  @ApiOkResponse({ type: OfferedKeyState })
  offeredKey(@Body() { jkt }: OfferedKeyBody): Promise<OfferedKeyState> {
    return this.queries.execute(new FindOfferedKey(jkt));
  }

  @Get('enrolments/:id')
  @Requires('subjects:identify')
  @ApiOperation({ summary: 'State of an enrolment opened by this terminal' })
  @ApiOkResponse({ type: EnrolmentState })
  enrolment(@TheClient() caller: ClientCaller, @Param('id') id: string): Promise<EnrolmentState> {
    return this.queries.execute(new FindEnrolment(caller, id));
  }

  @Post('enrolments/:id/confirm')
  @HttpCode(200)
  @Requires('subjects:identify')
  @ApiOperation({ summary: 'Confirm an enrolment: sign that the offered key is the person’s' })
  @ApiOkResponse({ type: ConfirmedEnrolment })
  confirmEnrolment(
    @TheCommand() context: CommandContext,
    @TheClient() caller: ClientCaller,
    @Param('id') id: string,
    @Body() { statement }: ConfirmEnrolmentBody,
  ): Promise<ConfirmedEnrolment> {
    return this.commands.execute(new ConfirmEnrolment(context, caller, id, statement));
  }

  @Get('phone/keys')
  @ForPhones()
  @ApiOperation({ summary: 'List all keys ever enrolled for the holder' })
  @ApiOkResponse({ type: PhoneKeysOfHolder })
  ownPhoneKeys(
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
  ): Promise<PhoneKeysOfHolder> {
    return this.queries.execute(new FindOwnPhoneKeys(caller, principal));
  }

  @Post('phone/keys/:jkt/revoke')
  @HttpCode(200)
  @ForPhones()
  @ApiOperation({ summary: 'Revoke the key of one of the holder’s own phones' })
  @ApiOkResponse({ type: RevokedPhoneKey })
  revokePhoneKey(
    @TheCommand() context: CommandContext,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @Param('jkt') jkt: string,
    @Body() { reason }: RevokePhoneKeyBody,
  ): Promise<RevokedPhoneKey> {
    return this.commands.execute(
      new RevokePhoneKey(context, caller, principal, jkt, reason ?? 'not-wanted'),
    );
  }
}
