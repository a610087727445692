import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, subContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { GrantsOfKeys } from '../ports.js';
import { onSubject } from '../subject.stream.js';
import type { RevocationReason } from './revoke-phone-key.js';

/** A holder takes back one passkey, of the calling phone or of another; what it granted ends. */
export class RevokePasskey extends Command<{ readonly jkt: string }> {
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

@CommandHandler(RevokePasskey)
export class RevokePasskeyHandler implements ICommandHandler<RevokePasskey> {
  constructor(
    private readonly store: EventStore,
    private readonly grants: GrantsOfKeys,
  ) {}

  async execute({ context, caller, principal, jkt, reason }: RevokePasskey) {
    await onSubject(this.store, principal.subject, context, {
      kind: 'revoke-passkey',
      by: { caller: caller.subject, principal },
      jkt,
      reason,
    });
    await this.grants.end(subContext(context, 'grants'), principal.subject, [jkt]);
    return { jkt };
  }
}
