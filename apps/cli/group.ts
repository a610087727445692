import type { Command } from 'commander';

/** What a check that could not be made ends with: 0 is for what holds, 1 for what does not. */
export const couldNotBeChecked = 2;

/** Words under which other commands stand. */
export const groups: Readonly<Record<string, string>> = {
  certificates: 'manage single certificates of an authority',
  clients: 'registered callers: windows, departments, authorities, auditors, administrators',
  'event-store': 'EventStoreDB or KurrentDB as the event store',
  import: 'import catalogues and certificates from files',
  keys: 'keys of clients and authorities, and of the city itself',
  log: 'the sealed log',
  verify: 'verify the ledger and its proofs',
  watch: 'monitor the log from outside',
};

/** The command `name` under which others stand; made by whichever of them comes first. */
export const group = (
  program: Command,
  name: string,
  description: string = groups[name] ?? '',
): Command =>
  program.commands.find((command) => command.name() === name) ??
  made(program, name).description(description);

/** Of a check, also a wrong option is none that was answered. */
function made(program: Command, name: string): Command {
  const command = program.command(name);
  return name === 'verify' || name === 'watch'
    ? command.exitOverride((error) => {
        process.exitCode = error.exitCode === 0 ? 0 : couldNotBeChecked;
        throw error;
      })
    : command;
}
