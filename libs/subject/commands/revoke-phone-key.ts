import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, subContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { passkeysOf } from '../passkey-decisions.js';
import { GrantsOfKeys } from '../ports.js';
import { onSubject } from '../subject.stream.js';

/** Why a holder revokes a phone's key: codes, so that no personal text is recorded. */
export const revocationReasons = ['lost', 'replaced', 'not-wanted'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/**
 * A holder revokes the key of one of its phones, the calling one or another. It and its passkeys
 * act for no subject from then on, and what they granted ends.
 */
export class RevokePhoneKey extends Command<{ readonly jkt: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly jkt: string,
    readonly reason: RevocationReason,
  ) {
    super();
  }
}

@CommandHandler(RevokePhoneKey)
export class RevokePhoneKeyHandler implements ICommandHandler<RevokePhoneKey> {
  constructor(
    private readonly store: EventStore,
    private readonly grants: GrantsOfKeys,
  ) {}

  async execute({ context, caller, principal, jkt, reason }: RevokePhoneKey) {
    const { state } = await onSubject(this.store, principal.subject, context, {
      kind: 'revoke-key',
      by: { caller: caller.subject, principal },
      jkt,
      reason,
    });
    const passkeys =
      state.status === 'absent' ? [] : passkeysOf(state, jkt).map((passkey) => passkey.jkt);
    const ended = [jkt, ...passkeys];
    await this.grants.end(subContext(context, 'grants'), principal.subject, ended);
    return { jkt };
  }
}
