import { jest } from '@jest/globals';
import { programFor } from '../../apps/cli/program.js';

export interface Said {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number | string | null | undefined;
  /** The error that it ended with; the program's main file reports it. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * A command of the command line, as it is called, in this process: what it said and how it ended.
 */
export async function called(...words: readonly string[]): Promise<Said> {
  const heard = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockReturnValue(true),
  );
  process.exitCode = undefined;
  let error: Said['error'] = null;
  try {
    const program = await programFor(words);
    await program.parseAsync([...words], { from: 'user' });
  } catch (thrown) {
    error = thrown as Said['error'];
  }
  const [out = '', err = ''] = heard.map(({ mock }) =>
    mock.calls.map(([text]) => String(text)).join(''),
  );
  for (const spy of heard) spy.mockRestore();
  const { exitCode } = process;
  process.exitCode = undefined;
  return { out, err, exitCode, error };
}
