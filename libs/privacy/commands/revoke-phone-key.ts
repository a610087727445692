import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import { onSubject } from '../subject.stream.js';

/** Why a holder takes a phone's key back: codes, so that nothing personal is written. */
export const revocationReasons = ['lost', 'replaced', 'not-wanted'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/** A holder takes the key of one of the own phones back, the calling one or another. It speaks for nobody again. */
export class RevokePhoneKey extends Command<{ readonly jkt: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly jkt: string,
    readonly reason: RevocationReason,
  ) {
    super();
  }
}

@CommandHandler(RevokePhoneKey)
export class RevokePhoneKeyHandler implements ICommandHandler<RevokePhoneKey> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, jkt, reason }: RevokePhoneKey) {
    await onSubject(this.store, caller.subject, context, { do: 'revoke-key', jkt, reason });
    return { jkt };
  }
}
