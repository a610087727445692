import { newCommand } from '#libs/api-client';
import { type Trouble, troubleFrom } from '../shared/trouble.ts';

export type CommandHeader = ReturnType<typeof newCommand>;

/** Nobody knows whether the command was done: the same one may be sent again. */
export const isUnanswered = ({ code }: Trouble): boolean =>
  code === 'offline' || code === 'answer_lost' || code === 'append_uncertain';

/**
 * Sends a command, and again where no answer came: each time under the same Idempotency-Key, so
 * that it is done once.
 * @throws what the last try threw
 */
export async function insist<Result>(
  header: CommandHeader,
  send: (header: CommandHeader) => Promise<Result>,
  { tries = 3, pause = 700 }: { readonly tries?: number; readonly pause?: number } = {},
): Promise<Result> {
  for (let left = tries - 1; ; left--)
    try {
      return await send(header);
    } catch (error) {
      if (left <= 0 || !isUnanswered(troubleFrom(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
}

/** Which key a press has: the last one's where that had no answer and asked for the same. */
export class PressKeys {
  #open: { readonly what: string; readonly header: CommandHeader } | null = null;

  keyFor(what: string): CommandHeader {
    if (this.#open?.what !== what) this.#open = { what, header: newCommand() };
    return this.#open.header;
  }

  answered(): void {
    this.#open = null;
  }
}
