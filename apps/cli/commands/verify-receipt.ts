import type { Command } from 'commander';
import { hex, isObject, RefusedError, utf8Bytes } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { type Policy, verifyBook, verifyReceipt } from '#libs/verify';
import { group } from '../group.js';
import { FileUnusable, means, parse, read, readPolicy, say, seenBy } from '../offline.js';
import { policyFile } from '../policy-file.js';

interface Options {
  readonly policy?: string;
  readonly record?: string;
  readonly hash?: string;
}

/** The receipt holds, and is of another record than the one that was named. */
export class OtherRecord extends RefusedError<'record_other'> {}

/** `mianzheng verify receipt FILE` and `verify book FILE`: offline, from public keys alone. */
export function register(program: Command): void {
  const parent = group(program, 'verify', 'check what the ledger says');
  const policy = [
    '--policy <file>',
    'keys of log and witnesses (C2SP tlog-policy), got another way than from the city; default: what LOG_POLICY names, or log-policy in the data folder',
  ] as const;
  parent
    .command('receipt')
    .description('that a record is in the log which the city and its witnesses signed')
    .argument('<file>', 'a receipt, or the JSON of a release that carries one')
    .option(...policy)
    .option('--record <file>', "the record's bytes as stored")
    .option('--hash <hex>', "the record's leaf hash, as the reply to the release told it")
    .action(receipt);
  parent
    .command('book')
    .description('that a list of consents and accesses is complete')
    .argument('<file>', 'the JSON of GET /v1/phone/book')
    .option(...policy)
    .action(book);
}

const policyFor = ({ policy }: Options): Promise<Policy> =>
  readPolicy(policy ?? policyFile(Settings.from()));

async function receipt(file: string, options: Options): Promise<void> {
  const policy = await policyFor(options);
  const record = options.record === undefined ? null : await read(options.record);
  const told = receiptIn(await read(file));
  const hash = options.hash ?? told.hash;
  const shown = verifyReceipt(told.receipt, policy, record, means);
  if (hash !== null && hash !== hex(shown.leaf))
    throw new OtherRecord('record_other', 'the receipt holds, but is of another record');
  say([
    `The record ${hex(shown.leaf)}`,
    ...(shown.record === null
      ? []
      : [`  (${shown.record.type}, ${shown.record.stream} version ${shown.record.version})`]),
    `is leaf ${shown.index} of the log ${shown.checkpoint.origin}, as the log signed it at ${shown.checkpoint.size} leaves`,
    ...seenBy(shown),
    ...(hash === null && record === null
      ? ['Compare the hash with the one that you were told: no --hash and no --record was given.']
      : []),
  ]);
}

async function book(file: string, options: Options): Promise<void> {
  const policy = await policyFor(options);
  const value = parse(await read(file));
  const texts = (member: unknown): Uint8Array[] => {
    if (!Array.isArray(member) || !member.every((one) => typeof one === 'string')) throw noBook();
    return member.map(utf8Bytes);
  };
  if (!isObject(value)) throw noBook();
  const { stream, head } = value;
  if (typeof stream !== 'string' || typeof head !== 'string') throw noBook();
  const parts = { records: texts(value['records']), receipts: texts(value['receipts']) };
  const shown = verifyBook({ stream, head: utf8Bytes(head), ...parts }, policy, means);
  const [first] = shown.receipts;
  say([
    `The stream ${stream} is complete: ${shown.records.length} records, contiguous and chained, each in the log ${shown.head.origin},`,
    `up to version ${shown.head.version}, which the city signed as the last one under its checkpoint of ${shown.head.size} leaves`,
    ...(first === undefined ? [] : seenBy(first)),
    ...shown.records.map(
      ({ version, time, type, actor }) => `  ${version}  ${time}  ${type}  by ${actor.client}`,
    ),
  ]);
}

/** A receipt as text, or within the JSON of a release, which tells the record's hash, too. */
function receiptIn(bytes: Uint8Array): { receipt: Uint8Array; hash: string | null } {
  if (bytes[0] !== '{'.charCodeAt(0)) return { receipt: bytes, hash: null };
  const value = parse(bytes);
  const part = isObject(value) ? value['receipt'] : undefined;
  const record = isObject(value) ? value['record'] : undefined;
  const text = isObject(part) ? part['receipt'] : part;
  const hash = isObject(record) ? record['hash'] : undefined;
  return {
    receipt: utf8Bytes(typeof text === 'string' ? text : ''),
    hash: typeof hash === 'string' ? hash : null,
  };
}

const noBook = () => new FileUnusable('book_malformed', 'the file is not the JSON of a book');
