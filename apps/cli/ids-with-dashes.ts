import type { Command } from 'commander';

/** An id of the ledger (16 bytes as base64url) of which the first letter is a dash: one of 64. */
const idWithDash = /^-[\w-]{21}$/;
/** Keeps a word from being taken for an option; it cannot stand in a word of a command line. */
const shield = '\0';

/**
 * Lets ids that begin with a dash be arguments of a command, where Commander looks for options.
 *
 * @param path the program, the groups below it and the command: each parses the words anew
 */
export function takeIdsWithDashes(path: readonly Command[]): void {
  const options = path.flatMap((command) => command.options);
  const optionOf = (word: string) => options.find((one) => one.short === word || one.long === word);
  const isArgument = (word: string, index: number, words: readonly string[]) => {
    if (!idWithDash.test(word) || optionOf(word) !== undefined) return false;
    const before = optionOf(words[index - 1] ?? '');
    return before === undefined || before.isBoolean() || before.variadic;
  };
  for (const command of path) {
    const parse = command.parseOptions.bind(command);
    command.parseOptions = (words) => {
      const { operands, unknown } = parse(
        words.map((word, index) => (isArgument(word, index, words) ? shield + word : word)),
      );
      const plain = (word: string) => (word.startsWith(shield) ? word.slice(1) : word);
      return { operands: operands.map(plain), unknown: unknown.map(plain) };
    };
  }
}
