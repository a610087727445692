import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, freshId } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { QrCodes } from '../ports.js';

export interface ShownCode {
  readonly code: string;
  readonly expires: Instant;
}

/** A code for the phone to show: opaque, good for 60 seconds and for one case. */
export class ShowCode extends Command<ShownCode> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
  ) {
    super();
  }
}

@CommandHandler(ShowCode)
export class ShowCodeHandler implements ICommandHandler<ShowCode> {
  constructor(private readonly codes: QrCodes) {}

  async execute({ context, caller }: ShowCode): Promise<ShownCode> {
    const code = freshId(context, 'qr-code');
    const { expires } = await this.codes.issue(code, caller.subject, context.now);
    return { code, expires };
  }
}
