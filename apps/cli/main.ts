import { CommanderError } from 'commander';
import { isOfSettings, leaveClosedOutput, tellError } from './output.js';
import { programFor } from './program.js';

leaveClosedOutput();
try {
  const program = await programFor(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode ??= isOfSettings(error) ? 2 : 1;
  // Commander has reported errors of the command line itself.
  if (!(error instanceof CommanderError)) tellError(error);
}
