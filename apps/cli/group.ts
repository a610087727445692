import type { Command } from 'commander';

/** The command `name` under which others stand; made by whichever of them comes first. */
export const group = (program: Command, name: string, description: string): Command =>
  program.commands.find((command) => command.name() === name) ??
  program.command(name).description(description);
