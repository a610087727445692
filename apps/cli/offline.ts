import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidError, parseJson, utf8Text } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import {
  openStatementKeys,
  parsePolicy,
  type Policy,
  type StatementKeys,
  type TrustedCheckpoint,
} from '#libs/verify';
import { policyFile } from './policy-file.js';

/** A file that cannot be read, or is not what the command takes. */
export class FileUnusable extends InvalidError<
  | 'file_unreadable'
  | 'file_not_text' // not UTF-8
  | 'book_malformed'
  | 'release_file_malformed'
  | 'receipt_pending' // the release came before its receipt, and says where that is
  | 'statement_file_malformed'
> {}

/** Node's own hashes and signatures: no connection is opened with them, and they are faster than the browser's. */
export const means = { hash: nodeSha256, verify: nodeVerify };

/** Whom a command is told to trust. */
export interface Trusting {
  readonly policy?: string;
  readonly statementKeys?: string;
}

export const policyOption = [
  '--policy <file>',
  'keys of log and witnesses (C2SP tlog-policy), got another way than from the city; default: what LOG_POLICY names, or log-policy in the data folder',
] as const;

/** A folder stands for the file that a city publishes in one. */
async function fileOf({ policy }: Trusting): Promise<string> {
  const file = policy ?? policyFile(Settings.from());
  const folder = await stat(file).then(
    (found) => found.isDirectory(),
    () => false, // reading it says what is wrong
  );
  return folder ? join(file, 'log-policy') : file;
}

export async function readPolicy(trusting: Trusting): Promise<Policy> {
  return parsePolicy(await readText(await fileOf(trusting)));
}

/** The keys by which the ledger signs statements: beside the policy that was told, or where the city itself publishes them. */
export async function readStatementKeys(
  trusting: Trusting,
  policy: Policy,
): Promise<StatementKeys> {
  const folder =
    trusting.policy === undefined ? Settings.from().dataDir : dirname(await fileOf(trusting));
  const bytes = await read(trusting.statementKeys ?? join(folder, 'statement-keys'));
  return openStatementKeys(bytes, policy, means);
}

export async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FileUnusable('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await read(file);
  try {
    return utf8Text(bytes);
  } catch (cause) {
    throw new FileUnusable('file_not_text', `${file} is not UTF-8 text`, { file }, { cause });
  }
}

export async function readJson(file: string): Promise<unknown> {
  return parseJson(await readText(file), 64);
}

/** Seconds since 1970 as a date. A witness may sign any number of them, and a date ends in the year 275760. */
function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} seconds after 1970` : date.toISOString();
}

export const seenBy = ({ witnesses }: TrustedCheckpoint): string[] => {
  const seen = witnesses.map(({ name, time }) => `  cosigned by ${name} at ${dateOf(time)}`);
  return seen.length > 0 ? seen : ['  (the policy asks for no witness)'];
};

/**
 * The text with everything escaped that a terminal would obey, or hide: controls (C0, C1), line and paragraph separators, and what turns,
 * joins or hides letters (Unicode Cf). What is told comes from the city, which must not be able to write a line of its own.
 */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (letter) => String.raw`\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`,
  );

/** One line each: whatever a line holds, it stays one. */
export function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.map(visible).join('\n')}\n`);
}
