import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidError, parseJson, RefusedError, utf8Bytes, visible } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import {
  type AuthorityKeys,
  openAuthorityKeys,
  openStatementKeys,
  parsePolicy,
  type Policy,
  type StatementKeys,
  type TrustedCheckpoint,
} from '#libs/verify';
import { findOut, type Kind, kinds } from './file-kinds.js';
import { tellResult } from './output.js';
import { policyFile } from './policy-file.js';

/** A file that cannot be read, or is not what the command takes. */
export class FileUnusable extends InvalidError<
  | 'file_unreadable'
  | 'file_not_text' // neither UTF-8 nor UTF-16
  | 'file_of_other_kind'
  | 'hash_malformed'
  | 'book_malformed'
  | 'release_file_malformed'
  | 'receipt_pending' // the release came before its receipt, and says where that is
  | 'statement_file_malformed'
> {}

/** The keys of authorities come from another log than the release. */
export class KeysOfOtherLog extends RefusedError<'authority_keys_of_other_log'> {}

/** The receipt holds, and is of another record than the one that was named. */
export class OtherRecord extends RefusedError<'record_other'> {}

/**
 * Node's own hashes and signatures: no connection is opened with them, and they are faster than the
 * browser's.
 */
export const means = { hash: nodeSha256, verify: nodeVerify };

/** The keys that a command trusts. */
export interface Trusting {
  readonly policy?: string;
  readonly statementKeys?: string;
  readonly authorityKeys?: string;
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

const policyHint =
  'Name a policy: --policy FILE. The city shows its own at /log/policy; compare it with one that came another way (docs/verification.md).';

export async function readPolicy(trusting: Trusting): Promise<Policy> {
  const file = await fileOf(trusting);
  const bytes = await read(file, trusting.policy === undefined ? policyHint : undefined);
  const { kind, text } = findOut(bytes);
  if (kind !== 'policy' && kind !== 'otherText' && kind !== 'binary')
    throw otherKind(file, kind, ['policy']);
  // Names in a policy are octets, which need not be UTF-8.
  return parsePolicy(text ?? bytes);
}

/**
 * The keys by which the ledger signs statements: beside the policy that was told, or where the city
 * itself publishes them.
 */
export async function readStatementKeys(
  trusting: Trusting,
  policy: Policy,
): Promise<StatementKeys> {
  const folder =
    trusting.policy === undefined ? Settings.from().dataDir : dirname(await fileOf(trusting));
  const file = trusting.statementKeys ?? join(folder, 'statement-keys');
  return openStatementKeys(utf8Bytes(await readAs(file, ['statementKeys'])), policy, means);
}

/**
 * The keys by which authorities sign: the given file, or `authority-keys` beside the given policy;
 * null where none was given and there is no such file. @throws FileUnusable where the given file
 * cannot be read
 */
export async function readAuthorityKeys(
  trusting: Trusting,
  policy: Policy,
): Promise<AuthorityKeys | null> {
  const file = trusting.authorityKeys ?? join(dirname(await fileOf(trusting)), 'authority-keys');
  const there = await stat(file).then(
    () => true,
    () => trusting.authorityKeys !== undefined, // reading it says what is wrong
  );
  if (!there) return null;
  return openAuthorityKeys(utf8Bytes(await readAs(file, ['authorityKeys'])), policy, means);
}

/** @param hint what to do where it cannot be read */
export async function read(file: string, hint?: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FileUnusable(
      'file_unreadable',
      `${file} 无法读取\n${file} cannot be read`,
      { file },
      { cause, ...(hint !== undefined && { hint }) },
    );
  }
}

/**
 * The bytes that were meant, as `findOut` reads them, whatever they are. @throws FileUnusable where
 * there are none
 */
export async function readMeant(file: string): Promise<Uint8Array> {
  const bytes = await read(file);
  const { text } = findOut(bytes);
  return text === null ? bytes : utf8Bytes(text);
}

/**
 * The text of a file that is one of these, as `findOut` reads it.
 * @param code of the error where it is something else
 * @throws FileUnusable, which names what it is
 */
export async function readAs(
  file: string,
  wanted: readonly Kind[],
  code: FileUnusable['code'] = 'file_of_other_kind',
): Promise<string> {
  const { kind, text } = findOut(await read(file));
  if (text === null)
    throw new FileUnusable(
      'file_not_text',
      `${file} 不是文本文件（UTF-8 或 UTF-16）\n${file} is no text (UTF-8 or UTF-16)`,
      { file },
    );
  if (!wanted.includes(kind)) throw otherKind(file, kind, wanted, code);
  return text;
}

export const readJsonAs = async (...asked: Parameters<typeof readAs>): Promise<unknown> =>
  parseJson(await readAs(...asked), 64);

/** A file's name as a shell takes it for one word. */
const shellWord = (text: string): string =>
  /^[\p{L}\p{N}@%+=:,./_-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

function otherKind(
  file: string,
  kind: Kind,
  wanted: readonly Kind[],
  code: FileUnusable['code'] = 'file_of_other_kind',
): FileUnusable {
  const [zh, en, command] = kinds[kind];
  const [wantedZh, wantedEn] = [0, 1].map((language) =>
    wanted.map((one) => kinds[one][language]).join(language === 0 ? '或' : ' or '),
  ) as [string, string];
  return new FileUnusable(
    code,
    `${file} 是${zh}，不是${wantedZh}\n${file} is ${en}, and not ${wantedEn}`,
    { file, kind },
    command === null ? {} : { hint: command.replace('FILE', () => visible(shellWord(file))) },
  );
}

/**
 * Seconds since 1970 as a date. A witness may sign any number of them, and a date ends in the year
 * 275760.
 */
function dateOf(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} seconds after 1970` : date.toISOString();
}

export const seenBy = ({ witnesses }: TrustedCheckpoint): string[] => {
  const seen = witnesses.map(({ name, time }) => `  cosigned by ${name} at ${dateOf(time)}`);
  return seen.length > 0 ? seen : ['  (the policy asks for no witness)'];
};

/** The checkpoint that a proof ends in, for programs. */
export const checkpointFacts = ({ checkpoint, witnesses }: TrustedCheckpoint) => ({
  log: checkpoint.origin,
  size: checkpoint.size,
  witnesses: witnesses.map(({ name, time }) => ({ name, time: dateOf(time) })),
});

/** Begins a verdict about a trial, so that it is not taken for one about a city. */
export const trialLines = (trial: boolean): readonly string[] =>
  trial ? ['试运行账本，不具法律效力。A trial: nothing in this log is of a real city.'] : [];

/**
 * Tells what holds; whatever does not ends the command before.
 * @param facts all that the lines say, for programs
 * @param lines one line each: whatever a line holds, it stays one
 */
export function say(
  { trial }: { readonly trial: boolean },
  facts: object,
  lines: readonly string[],
): void {
  tellResult({ holds: true, trial, ...facts }, [...trialLines(trial), ...lines.map(visible)]);
}
