import { isObject, JsonError, parseJson, withoutBom } from '#libs/kernel';

/**
 * What a file can be, by its content, with its name in Chinese and English and the command that
 * takes it: `FILE` is its place.
 */
export const kinds = {
  release: [
    '调用回复',
    'the JSON of a release',
    'mianzheng verify receipt FILE --policy log-policy',
  ],
  reply: [
    '带回执的回复',
    'the JSON of a reply with a receipt',
    'mianzheng verify receipt FILE --policy log-policy',
  ],
  receipt: [
    '存证回执',
    'a receipt (tlog-proof)',
    'mianzheng verify receipt FILE --policy log-policy',
  ],
  book: ['授权与调用记录', 'the JSON of a book', 'mianzheng verify book FILE --policy log-policy'],
  statement: [
    '免提交说明',
    'the JSON of an exemption statement',
    'mianzheng verify statement FILE --policy log-policy',
  ],
  record: [
    '账本记录',
    'a record',
    'mianzheng verify receipt RECEIPT --record FILE --policy log-policy',
  ],
  checkpoint: [
    '检查点',
    'a checkpoint',
    'mianzheng verify ledger --checkpoint FILE --policy log-policy',
  ],
  statementKeys: [
    '说明签名公钥',
    'the keys of statements',
    'mianzheng verify statement STATEMENT --statement-keys FILE --policy log-policy',
  ],
  authorityKeys: [
    '颁发机构公钥',
    'the keys of authorities',
    'mianzheng verify receipt RELEASE --authority-keys FILE --policy log-policy',
  ],
  policy: ['信任策略', 'a policy (tlog-policy)', 'mianzheng verify receipt RELEASE --policy FILE'],
  key: ['密钥', 'a key (JWK)', null],
  problem: ['错误答复', 'an error that a server answered', null],
  page: ['网页', 'a web page', null],
  otherJson: ['其他 JSON', 'JSON of another kind', null],
  brokenJson: ['不完整的 JSON', 'JSON that is cut off or malformed', null],
  empty: ['空文件', 'an empty file', null],
  otherText: ['其他文本', 'text of another kind', null],
  binary: ['非文本文件', 'no text', null],
} as const satisfies Record<string, readonly [string, string, string | null]>;
export type Kind = keyof typeof kinds;

/**
 * A file as it was meant, whatever program wrote it: its text without what such programs add, and
 * what it is.
 */
export interface FoundFile {
  readonly kind: Kind;
  /** `null` where it is no text. */
  readonly text: string | null;
}

/**
 * Reads what is meant: a byte order mark, UTF-16 (as PowerShell writes it) and CRLF around a file
 * are spellings of the file, and no part of what stands in it. Nothing else is repaired.
 */
export function findOut(bytes: Uint8Array): FoundFile {
  const text = textOf(bytes);
  return text === null ? { kind: 'binary', text } : { kind: kindOf(text), text };
}

function textOf(bytes: Uint8Array): string | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    const plain = withoutBom(text);
    // Where each line ends so, the file does; where only some do, it is what it is.
    return /(^|[^\r])\n/.test(plain) ? plain : plain.replaceAll('\r\n', '\n');
  } catch {
    return null;
  }
}

function kindOf(text: string): Kind {
  const start = text.trimStart();
  if (start === '') return 'empty';
  if (text.startsWith('c2sp.org/tlog-proof@')) return 'receipt';
  if (text.startsWith('mianzheng statement keys ')) return 'statementKeys';
  if (text.startsWith('mianzheng authority keys ')) return 'authorityKeys';
  if (/^[^\n]+\n\d+\n[A-Za-z0-9+/]{43}=\n/.test(text)) return 'checkpoint';
  if (start.startsWith('{') || start.startsWith('[')) return kindOfJson(start);
  if (/^<(!doctype|html|\?xml)/i.test(start)) return 'page';
  if (/^[ \t]*(log|witness|group|quorum)[ \t]/m.test(text)) return 'policy';
  return 'otherText';
}

function kindOfJson(text: string): Kind {
  let value: unknown;
  try {
    value = parseJson(text, 64);
  } catch (error) {
    return error instanceof JsonError && error.code !== 'json_malformed'
      ? 'otherJson'
      : 'brokenJson';
  }
  if (!isObject(value)) return 'otherJson';
  const has = (...names: readonly string[]) => names.every((name) => Object.hasOwn(value, name));
  if (has('handedOver')) return 'release';
  if (has('statement', 'records')) return 'statement';
  if (has('stream', 'head')) return 'book';
  if (has('prev', 'stream', 'version', 'data')) return 'record';
  if (has('receipt')) return 'reply';
  if (has('kty') || has('keys')) return 'key';
  if (has('code', 'status')) return 'problem';
  return 'otherJson';
}

/**
 * SHA-256 as people have it from other programs: in capitals (Windows), with spaces, colons or
 * hyphens between, behind `0x` or `sha256:`.
 * @returns 64 hexadecimal digits in lower case; null where it is none
 */
export function hashOf(text: string): string | null {
  const digits = text
    .trim()
    .toLowerCase()
    .replace(/^(sha-?256:|0x)/, '')
    .replace(/[\s:-]/g, '');
  return /^[0-9a-f]{64}$/.test(digits) ? digits : null;
}
