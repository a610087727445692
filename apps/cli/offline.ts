import { readFile } from 'node:fs/promises';
import { InvalidError, parseJson, utf8Text } from '#libs/kernel';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import { parsePolicy, type Policy, type TrustedCheckpoint } from '#libs/verify';

/** A file that cannot be read, or is not what the command takes. */
export class FileUnusable extends InvalidError<
  'file_unreadable' | 'book_malformed' | 'statement_file_malformed'
> {}

/** Node's own hashes and signatures: no connection is opened with them, and they are faster than the browser's. */
export const means = { hash: nodeSha256, verify: nodeVerify };

export async function readPolicy(file: string): Promise<Policy> {
  return parsePolicy(utf8Text(await read(file)));
}

export async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FileUnusable('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}

export function parse(bytes: Uint8Array): unknown {
  return parseJson(utf8Text(bytes), 64);
}

export const seenBy = ({ witnesses }: TrustedCheckpoint): string[] => {
  const seen = witnesses.map(
    ({ name, time }) => `  cosigned by ${name} at ${new Date(time * 1000).toISOString()}`,
  );
  return seen.length > 0 ? seen : ['  (the policy asks for no witness)'];
};

export function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
