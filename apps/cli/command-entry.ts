import type { Command } from 'commander';

interface CommandFile {
  /** @param all every command there is, for the one that tells shells of them */
  readonly register: (program: Command, all: CommandTable) => void;
}

export interface CommandEntry {
  readonly description: string;
  /** What stands behind `mianzheng` in examples. */
  readonly examples: readonly string[];
  readonly load: () => Promise<CommandFile>;
}

/** By the words that call them. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
