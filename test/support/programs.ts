import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * What a program of the ledger says when it is ready. @throws where it ends before, with its own
 * words
 */
export function firstWords(child: ChildProcess): Promise<string> {
  const started = Promise.withResolvers<string>();
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C')) started.resolve(said);
    });
  child.once('exit', () => {
    started.reject(new Error(`the program did not start: ${said}`));
  });
  return started.promise;
}

/**
 * Tells a program to stop, and waits until it has. @returns its exit code; null where a signal
 * ended it
 */
export async function endProgram(
  child: ChildProcess,
  how: NodeJS.Signals = 'SIGTERM',
): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(how);
    await ended;
  }
  return child.exitCode;
}
