import { Command } from 'commander';
import { productVersion } from '#composition/product-version';
import type { CommandEntry } from './command-entry.js';
import { commands } from './commands.js';
import { group, groups } from './group.js';
import { takeIdsWithDashes } from './ids-with-dashes.js';
import { visibleLines } from '#libs/kernel';
import { setOutput } from './output.js';

/**
 * The command line for these words (without the program's own name). Of the commands only the one
 * that is called is loaded: some bring the whole ledger with them.
 */
export async function programFor(called: readonly string[]): Promise<Command> {
  const program = new Command('mianzheng')
    .description(
      'The command line of the ledger 免证. It acts on the city of DATA_DIR, or on that of --url.',
    )
    .version(await productVersion())
    // Errors of the command line are reported in its language.
    .configureOutput({
      writeOut: (text) => process.stdout.write(visibleLines(text)),
      writeErr: (text) => process.stderr.write(visibleLines(text)),
    })
    .hook('preAction', (_, action) => {
      setOutput(action.opts());
    });
  const [first = '', second = ''] = called;
  const words = [`${first} ${second}`, first].find((some) => Object.hasOwn(commands, some));
  if (words === undefined) describeAll(program);
  else await makeReady(program, words, commands[words]);
  return program;
}

/** What there is, without loading any of it. */
function describeAll(program: Command): void {
  for (const name of Object.keys(groups)) group(program, name);
  for (const [name, { description }] of Object.entries(commands)) {
    const [above = '', below] = name.split(' ');
    const parent = below === undefined ? program : group(program, above);
    parent.command(below ?? above).description(description);
  }
  program.addHelpText('after', '\nExamples and options of each: mianzheng COMMAND --help');
}

async function makeReady(
  program: Command,
  name: string,
  entry: CommandEntry | undefined,
): Promise<void> {
  if (entry === undefined) return;
  await import('reflect-metadata'); // before any class with decorators
  (await entry.load()).register(program, commands);
  let command = program;
  const path = [program];
  for (const word of name.split(' ')) {
    command = command.commands.find((one) => one.name() === word) ?? command;
    path.push(command);
  }
  command.description(entry.description);
  const has = (flag: string) => command.options.some(({ long }) => long === flag);
  if (!has('--json')) command.option('--json', 'JSON output, one object per line');
  if (!has('--quiet')) command.option('--quiet', 'no output beyond the exit code');
  takeIdsWithDashes(path);
  const lines = entry.examples.map((example) => `  mianzheng ${example}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
