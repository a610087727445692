import type { Command } from 'commander';
import {
  canonicalize,
  hex,
  isObject,
  type JsonObject,
  type JsonValue,
  RefusedError,
  utf8Bytes,
} from '#libs/kernel';
import { type VerifiedReceipt, verifyBook, verifyReceipt, verifyRelease } from '#libs/verify';
import { group } from '../group.js';
import {
  FileUnusable,
  means,
  policyOption,
  read,
  readJson,
  readPolicy,
  say,
  seenBy,
  type Trusting,
  visible,
} from '../offline.js';

interface Options extends Trusting {
  readonly record?: string;
  readonly hash?: string;
  readonly receipt?: string;
}

/** The receipt holds, and is of another record than the one that was named. */
export class OtherRecord extends RefusedError<'record_other'> {}

/** `mianzheng verify receipt FILE` and `verify book FILE`: offline, from public keys alone. */
export function register(program: Command): void {
  const parent = group(program, 'verify', 'check what the ledger says');
  parent
    .command('receipt')
    .description(
      'that a release, or a record, is in the log which the city and its witnesses signed',
    )
    .argument(
      '<file>',
      'the JSON of a release: what was handed over is held against its record; or a receipt alone',
    )
    .option(...policyOption)
    .option('--receipt <file>', 'the receipt, where the release does not carry it yet')
    .option('--record <file>', "the record's bytes as stored")
    .option('--hash <hex>', "the record's leaf hash, as the reply to the release told it")
    .action(receipt);
  parent
    .command('book')
    .description('that a list of consents and accesses is complete')
    .argument('<file>', 'the JSON of GET /v1/phone/book')
    .option(...policyOption)
    .action(book);
}

async function receipt(file: string, options: Options): Promise<void> {
  const policy = await readPolicy(options);
  const record = options.record === undefined ? null : await read(options.record);
  const bytes = await read(file);
  const value = bytes[0] === '{'.charCodeAt(0) ? await readJson(file) : null;
  if (!isObject(value)) {
    const shown = verifyReceipt(bytes, policy, record, means);
    checkHash(shown, options.hash);
    say([
      ...whereItStands(shown),
      ...(options.hash === undefined && record === null
        ? ['Compare the hash with the one that you were told: no --hash and no --record was given.']
        : []),
    ]);
    return;
  }
  const { handedOver, record: told } = value;
  const named = isObject(told) ? told : {};
  const stored = record ?? bytesOf(named);
  const carried = options.receipt === undefined ? receiptIn(value) : await read(options.receipt);
  const shown =
    handedOver === undefined
      ? verifyReceipt(carried, policy, stored, means)
      : verifyRelease(
          {
            handedOver,
            record: stored ?? missing('its record’s bytes (--record gives them)'),
            salt: textIn(named, 'salt') ?? missing('the salt'),
            receipt: carried,
          },
          policy,
          means,
        );
  checkHash(shown, options.hash ?? textIn(named, 'hash'));
  say([...(isObject(handedOver) ? whatLeft(handedOver) : []), ...whereItStands(shown)]);
}

/** What the record of a release commits to, without the values: `verifyRelease` found the materials to be objects, and knows no more. */
function whatLeft({ materials, ...about }: JsonObject): string[] {
  const each = (Array.isArray(materials) ? (materials as readonly JsonValue[]) : []).filter(
    isObject,
  );
  return [
    `In the case ${word(about['case'])}, by the consent ${word(about['consent'])}, was handed over`,
    ...each.map(({ material, nameZh, type, version, fields }) => {
      const names = isObject(fields) ? Object.keys(fields).join('、') : word(fields);
      return `  ${word(material)} ${word(nameZh)}: ${names}; version ${word(version)} of a certificate ${word(type)}`;
    }),
    'and nothing else: the record commits to it, byte by byte.',
    'Whether it is true is the authorities’ signed word in it, which is not looked at here.',
  ];
}

const word = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : canonicalize(value ?? null);

function whereItStands(shown: VerifiedReceipt): string[] {
  const { record, leaf, index, checkpoint } = shown;
  return [
    `The record ${hex(leaf)}`,
    ...(record === null ? [] : [`  (${record.type}, ${record.stream} version ${record.version})`]),
    `is leaf ${index} of the log ${checkpoint.origin}, as the log signed it at ${checkpoint.size} leaves`,
    ...seenBy(shown),
  ];
}

/** @throws OtherRecord */
function checkHash({ leaf }: VerifiedReceipt, hash: string | undefined): void {
  if (hash !== undefined && hash !== hex(leaf))
    throw new OtherRecord('record_other', 'the receipt holds, but is of another record');
}

async function book(file: string, options: Trusting): Promise<void> {
  const policy = await readPolicy(options);
  const value = await readJson(file);
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

/** The receipt within the JSON of a reply: its text, or an object with its text and the place where it can be fetched. */
function receiptIn({ receipt: part }: JsonObject): Uint8Array {
  const receipt = isObject(part) ? part['receipt'] : part;
  if (typeof receipt === 'string') return utf8Bytes(receipt);
  const at = isObject(part) ? textIn(part, 'at') : undefined;
  if (receipt !== null || at === undefined) return missing('a receipt');
  throw new FileUnusable(
    'receipt_pending',
    'the reply came before its receipt',
    {},
    { hint: `The ledger gives it at ${visible(at)}: save it, and name the file by --receipt.` },
  );
}

const textIn = (value: JsonObject, name: string): string | undefined => {
  const member = value[name];
  return typeof member === 'string' ? member : undefined;
};

function bytesOf(record: JsonObject): Uint8Array | null {
  const text = textIn(record, 'bytes');
  return text === undefined ? null : utf8Bytes(text);
}

function missing(what: string): never {
  throw new FileUnusable('release_file_malformed', `the JSON does not hold ${what}`);
}

const noBook = () => new FileUnusable('book_malformed', 'the file is not the JSON of a book');
