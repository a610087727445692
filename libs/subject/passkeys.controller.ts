import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type CommandContext, EventStore } from '#libs/event-store';
import { HolderPasskeys, type PhoneCaller, type Principal } from '#libs/identity';
import { ForPhones, TheCommand, ThePhone, ThePrincipal } from '#libs/identity/http';
import { AddHolderPasskey } from './commands/add-passkey.js';
import { RevokePasskey } from './commands/revoke-passkey.js';
import { passkeysOf } from './passkey-decisions.js';
import { AddedHolderPasskey, AddHolderPasskeyBody, HolderPasskeyOptions } from './passkeys.dto.js';
import { RevokePhoneKeyBody } from './subject.dto.js';
import { readSubject } from './subject.stream.js';

/** Passkeys beside the keys of phones. */
@ApiTags('phone')
@Controller('v1/phone/passkeys')
@ForPhones()
export class HolderPasskeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly store: EventStore,
    private readonly passkeys: HolderPasskeys,
  ) {}

  @Post('options')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'beginHolderPasskey',
    summary: 'Begin to make a passkey beside the key of the phone',
    description:
      'Returns what `navigator.credentials.create` takes; its challenge can be answered once, within three minutes.',
  })
  @ApiOkResponse({ type: HolderPasskeyOptions })
  async options(
    @TheCommand() { now }: CommandContext,
    @ThePhone() { subject, jkt }: PhoneCaller,
  ): Promise<HolderPasskeyOptions> {
    const state = await readSubject(this.store, subject);
    const there = state.status === 'absent' ? [] : passkeysOf(state, jkt);
    const publicKey = await this.passkeys.creation(
      jkt,
      there.map(({ credential }) => credential),
      now,
    );
    return { publicKey: { ...publicKey } };
  }

  @Post()
  @ApiOperation({
    operationId: 'addHolderPasskey',
    summary: 'Add the passkey that the phone’s browser made',
    description: 'A passkey counts as long as the key of its phone does.',
  })
  @ApiCreatedResponse({ type: AddedHolderPasskey })
  add(
    @TheCommand() context: CommandContext,
    @ThePhone() caller: PhoneCaller,
    @Body() { credential, statement }: AddHolderPasskeyBody,
  ): Promise<AddedHolderPasskey> {
    return this.commands.execute(new AddHolderPasskey(context, caller, credential, statement));
  }

  @Post(':jkt/revoke')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'revokeHolderPasskey',
    summary: 'Take back one of the holder’s own passkeys',
  })
  @ApiOkResponse({ type: AddedHolderPasskey })
  revoke(
    @TheCommand() context: CommandContext,
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @Param('jkt') jkt: string,
    @Body() { reason }: RevokePhoneKeyBody,
  ): Promise<AddedHolderPasskey> {
    const command = new RevokePasskey(context, caller, principal, jkt, reason ?? 'not-wanted');
    return this.commands.execute(command);
  }
}
