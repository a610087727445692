import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, freshId } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { QrCodes } from '../qr-codes.js';

export interface ShownCode {
  readonly code: string;
  readonly expires: Instant;
}

/** A code for the phone to show: opaque, valid for 60 seconds and for one case. */
export class ShowCode extends Command<ShownCode> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
  ) {
    super();
  }
}

@CommandHandler(ShowCode)
export class ShowCodeHandler implements ICommandHandler<ShowCode> {
  constructor(private readonly codes: QrCodes) {}

  async execute({ context, caller, principal }: ShowCode): Promise<ShownCode> {
    const code = freshId(context, 'qr-code');
    const shown = { subject: principal.subject, jkt: caller.jkt };
    const { expires } = await this.codes.issue(code, shown, context.now);
    return { code, expires };
  }
}
