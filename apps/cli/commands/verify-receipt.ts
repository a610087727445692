import type { Command } from 'commander';
import {
  canonicalize,
  hex,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  utf8Bytes,
  visible,
} from '#libs/kernel';
import {
  type AuthorityKeys,
  type VerifiedReceipt,
  verifyAuthorityWords,
  verifyBook,
  verifyGrantSignatures,
  verifyReceipt,
  verifyRelease,
} from '#libs/verify';
import { hashOf } from '../file-kinds.js';
import { group } from '../group.js';
import { judged } from '../judged.js';
import {
  checkpointFacts,
  FileUnusable,
  KeysOfOtherLog,
  means,
  OtherRecord,
  policyOption,
  readAs,
  readAuthorityKeys,
  readJsonAs,
  readPolicy,
  say,
  seenBy,
  type Trusting,
} from '../offline.js';

interface Options extends Trusting {
  readonly record?: string;
  readonly hash?: string;
  readonly receipt?: string;
}

/** `mianzheng verify receipt FILE` and `verify book FILE`: offline, from public keys alone. */
export function register(program: Command): void {
  const parent = group(program, 'verify', 'verify the ledger and its proofs');
  parent
    .command('receipt')
    .description(
      'that a release, or a record, is in the log which the city and its witnesses signed',
    )
    .argument(
      '<file>',
      'the JSON of a release, whose data are checked against its record; or a receipt alone',
    )
    .option(...policyOption)
    .option('--receipt <file>', 'the receipt, if the release does not carry it yet')
    .option('--record <file>', "the record's bytes as stored")
    .option('--hash <hex>', "the record's leaf hash, as the reply to the release told it")
    .option(
      '--authority-keys <file>',
      'authority keys from GET /log/authority-keys; default: authority-keys beside the policy, if it exists',
    )
    .action(judged(receipt));
  parent
    .command('book')
    .description('that a list of consents and accesses is complete')
    .argument('<file>', 'the JSON of GET /v1/phone/book')
    .option(...policyOption)
    .action(judged(book));
}

async function receipt(file: string, options: Options): Promise<void> {
  const policy = await readPolicy(options);
  const record = options.record === undefined ? null : await recordIn(options.record);
  const hash = options.hash === undefined ? undefined : told(options.hash);
  const text = await readAs(file, ['release', 'reply', 'receipt']);
  const value = text.trimStart().startsWith('{') ? parseJson(text, 64) : null;
  if (!isObject(value)) {
    const shown = verifyReceipt(utf8Bytes(text), policy, record, means);
    checkHash(shown, hash);
    say(shown, factsOf(shown, hash !== undefined || record !== null), [
      ...whereItStands(shown),
      ...(hash === undefined && record === null
        ? ['Compare the hash with the one that you were told: no --hash and no --record was given.']
        : []),
    ]);
    return;
  }
  const { handedOver, record: about } = value;
  const named = isObject(about) ? about : {};
  const stored = record ?? bytesOf(named);
  const carried =
    options.receipt === undefined
      ? receiptIn(value)
      : utf8Bytes(await readAs(options.receipt, ['receipt']));
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
  const expected = hash ?? textIn(named, 'hash');
  checkHash(shown, expected);
  const facts = factsOf(shown, expected !== undefined || stored !== null);
  if (!isObject(handedOver)) {
    say(shown, facts, whereItStands(shown));
    return;
  }
  const words = authorityWords(handedOver, await readAuthorityKeys(options, policy), shown);
  const { materials, consent } = handedOver;
  const released = { case: handedOver['case'], consent, materials: materialFacts(materials) };
  say(shown, { ...facts, released, words }, [
    ...whatLeft(handedOver),
    ...wordLines(words),
    ...whereItStands(shown),
  ]);
}

/** @param compared whether the record is the one that was named, by its hash or its bytes */
const factsOf = (shown: VerifiedReceipt, compared: boolean) => ({
  record: {
    hash: hex(shown.leaf),
    ...(shown.record !== null && {
      type: shown.record.type,
      stream: shown.record.stream,
      version: shown.record.version,
    }),
  },
  compared,
  index: shown.index,
  ...checkpointFacts(shown),
});

/** Names, as in the lines: values of holders are not repeated where a program may keep them. */
const materialFacts = (materials: JsonValue | undefined) =>
  objectsIn(materials).map(({ material, nameZh, type, version, fields }) => ({
    material,
    nameZh,
    type,
    version,
    fields: isObject(fields) ? Object.keys(fields) : fields,
  }));

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as readonly JsonValue[]) : []).filter(isObject);

interface AuthorityWord {
  readonly material: string;
  readonly authority: string;
  readonly kid: string;
  /**
   * Leaves of the log: the key is held from the first, and until the second where it is replaced.
   */
  readonly from: number;
  readonly until: number | null;
  /** Whether the key was held when the record of the release came into the log. */
  readonly stands: boolean;
}

/**
 * The authorities' signed parts in it; null where their keys were not given. @throws KeysOfOtherLog
 */
function authorityWords(
  handedOver: JsonValue,
  keys: AuthorityKeys | null,
  { index, checkpoint }: VerifiedReceipt,
): readonly AuthorityWord[] | null {
  if (keys === null) return null;
  if (keys.origin !== checkpoint.origin)
    throw new KeysOfOtherLog('authority_keys_of_other_log', 'the keys are those of another log', {
      origin: keys.origin,
    });
  return verifyAuthorityWords(handedOver, keys, index, means).map(
    ({ material, key: { authority, kid, from, until }, stands }) => ({
      material,
      authority,
      kid,
      from,
      until,
      stands,
    }),
  );
}

function wordLines(words: readonly AuthorityWord[] | null): string[] {
  if (words === null)
    return [
      'Whether it is true is the authorities’ signed word in it, which is not looked at here: --authority-keys names the file with their keys.',
    ];
  return words.flatMap(({ material, authority, kid, from, until, stands }) => [
    `  ${material} is signed by the authority ${authority}, whose key ${kid} the log has had since its leaf ${from}`,
    ...(stands
      ? []
      : [
          `    until its leaf ${until ?? ''}, before this release: that the certificate came in before then is what \`mianzheng verify ledger\` shows`,
        ]),
  ]);
}

/**
 * What the record of a release commits to, without the values: `verifyRelease` found the materials
 * to be objects, and knows no more.
 */
function whatLeft({ materials, ...about }: JsonObject): string[] {
  return [
    `In the case ${word(about['case'])}, by the consent ${word(about['consent'])}, was handed over`,
    ...objectsIn(materials).map(({ material, nameZh, type, version, fields }) => {
      const names = isObject(fields) ? Object.keys(fields).join('、') : word(fields);
      return `  ${word(material)} ${word(nameZh)}: ${names}; version ${word(version)} of a certificate ${word(type)}`;
    }),
    'and nothing else: the record commits to it, byte by byte.',
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

/** A record's bytes: programs end a file with a newline, which no canonical JSON has. */
const recordIn = async (file: string): Promise<Uint8Array> =>
  utf8Bytes((await readAs(file, ['record'])).replace(/\n+$/, ''));

/** @throws FileUnusable */
function told(hash: string): string {
  const found = hashOf(hash);
  if (found !== null) return found;
  throw new FileUnusable(
    'hash_malformed',
    '--hash 需要 64 个十六进制数字（大小写均可）\n--hash takes 64 hexadecimal digits, in capitals or not',
  );
}

/** @throws OtherRecord */
function checkHash({ leaf }: VerifiedReceipt, hash: string | undefined): void {
  if (hash !== undefined && (hashOf(hash) ?? hash) !== hex(leaf))
    throw new OtherRecord('record_other', 'the receipt holds, but is of another record');
}

async function book(file: string, options: Trusting): Promise<void> {
  const policy = await readPolicy(options);
  const value = await readJsonAs(file, ['book'], 'book_malformed');
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
  const { keys } = value;
  if (keys !== undefined && !Array.isArray(keys)) throw noBook();
  const grants = Array.isArray(keys)
    ? verifyGrantSignatures(shown.records, keys as readonly JsonValue[], means)
    : null;
  const facts = {
    stream,
    version: shown.head.version,
    records: shown.records.map(({ version, time, type, actor }) => ({
      version,
      time,
      type,
      actor,
    })),
    log: shown.head.origin,
    size: shown.head.size,
    witnesses: first === undefined ? [] : checkpointFacts(first).witnesses,
    /** Grants whose signatures were checked; null where the file has no keys. */
    grants,
  };
  say(shown, facts, [
    `The stream ${stream} is complete: ${shown.records.length} records, contiguous and chained, each in the log ${shown.head.origin},`,
    `up to version ${shown.head.version}, which the city signed as the last one under its checkpoint of ${shown.head.size} leaves`,
    ...(first === undefined ? [] : seenBy(first)),
    grants === null
      ? 'whether its grants are signed is not looked at: the file has no keys, as GET /v1/phone/book gives them'
      : `${grants} ${grants === 1 ? 'grant is' : 'grants are'} in it, each signed by the key that its record names`,
    ...shown.records.map(
      ({ version, time, type, actor }) => `  ${version}  ${time}  ${type}  by ${actor.client}`,
    ),
  ]);
}

/**
 * The receipt within the JSON of a reply: its text, or an object with its text and the place where
 * it can be fetched.
 */
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
