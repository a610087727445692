import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/event-store';
import { EnrolmentRefused } from '../subject.errors.js';
import { TypedCodes } from '../typed-codes.js';

/**
 * Exchanges what a person typed on a phone for the enrolment's code. A command, because each try
 * counts.
 */
export class OpenTypedCode extends Command<{ readonly code: string }> {
  constructor(
    readonly context: CommandContext,
    readonly handle: string,
    readonly digits: string,
  ) {
    super();
  }
}

@CommandHandler(OpenTypedCode)
export class OpenTypedCodeHandler implements ICommandHandler<OpenTypedCode> {
  constructor(private readonly codes: TypedCodes) {}

  async execute({ context, handle, digits }: OpenTypedCode) {
    const code = await this.codes.open(handle, digits, context.now);
    // One answer whatever is wrong: whoever guesses learns of no enrolment.
    if (code === null)
      throw new EnrolmentRefused(
        'enrolment_code_refused',
        'the code is wrong, was used, or has expired',
      );
    return { code };
  }
}
