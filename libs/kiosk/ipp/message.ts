import { InvalidError } from '#libs/kernel';

/** Bytes that are no IPP message (RFC 8010, section 3), or a larger one than any answer needs. */
export class IppMalformed extends InvalidError<'ipp_malformed'> {}

/** Tags of attribute groups (RFC 8010, section 3.5.1). */
export const groupTags = { operation: 0x01, job: 0x02, end: 0x03, printer: 0x04 } as const;

/** Tags of the values that a client sends, and of those that it reads (section 3.5.2). */
const valueTags = {
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  textWithLanguage: 0x35,
  nameWithLanguage: 0x36,
  beginCollection: 0x34,
  endCollection: 0x37,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  naturalLanguage: 0x48,
  mimeMediaType: 0x49,
} as const;

type SentTag =
  | 'boolean'
  | 'charset'
  | 'integer'
  | 'keyword'
  | 'mimeMediaType'
  | 'name'
  | 'naturalLanguage'
  | 'uri';

export interface SentAttribute {
  readonly name: string;
  readonly tag: SentTag;
  /** At least one. Integers are 32-bit and signed. */
  readonly values: readonly (string | number | boolean)[];
}

export interface IppRequest {
  /** RFC 8011, section 5.4.15. */
  readonly operation: number;
  readonly id: number;
  readonly operationAttributes: readonly SentAttribute[];
  readonly jobAttributes?: readonly SentAttribute[];
  /** Follows the attributes as it is. */
  readonly document?: Uint8Array;
}

/** Integers, enums and booleans as they are; texts, names, keywords and URIs as text. */
export type IppValue = string | number | boolean;

/**
 * Names and values in their order. What has another syntax (collections, dates, ranges, values out
 * of band) is left out: nothing here reads it.
 */
export type IppAttributes = ReadonlyMap<string, readonly IppValue[]>;

export interface IppAnswer {
  /** RFC 8011, appendix B: up to 0x00ff is success. */
  readonly status: number;
  readonly id: number;
  readonly groups: readonly { readonly tag: number; readonly attributes: IppAttributes }[];
}

/** The bytes of a request of IPP 1.1, which every later printer takes (RFC 8010, section 3.1). */
export function encodeRequest(request: IppRequest): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x0101, 0);
  head.writeUInt16BE(request.operation, 2);
  head.writeInt32BE(request.id, 4);
  const group = (tag: number, attributes: readonly SentAttribute[]) =>
    attributes.length === 0 ? [] : [Buffer.of(tag), ...attributes.flatMap(encodeAttribute)];
  return Buffer.concat([
    head,
    ...group(groupTags.operation, request.operationAttributes),
    ...group(groupTags.job, request.jobAttributes ?? []),
    Buffer.of(groupTags.end),
    request.document ?? Buffer.alloc(0),
  ]);
}

/** Further values of an attribute have an empty name (RFC 8010, section 3.1.5). */
function encodeAttribute({ name, tag, values }: SentAttribute): Buffer[] {
  return values.flatMap((value, n) => {
    const bytes = encodeValue(value);
    return [
      Buffer.of(valueTags[tag]),
      withLength(Buffer.from(n === 0 ? name : '')),
      withLength(bytes),
    ];
  });
}

function encodeValue(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'boolean') return Buffer.of(Number(value));
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Reads an answer. Every length is checked before it is used: a printer is a device that others
 * configure and update.
 * @throws IppMalformed
 */
export function decodeAnswer(bytes: Uint8Array): IppAnswer {
  const reader = new Reader(bytes);
  reader.take(2, 'version');
  const status = reader.unsigned16('status');
  const id = reader.signed32('request-id');
  const groups: { tag: number; attributes: Map<string, IppValue[]> }[] = [];
  for (;;) {
    const tag = reader.byte('tag');
    if (tag === groupTags.end) return { status, id, groups };
    if (tag < 0x10) {
      groups.push({ tag, attributes: new Map() });
      continue;
    }
    const group = groups.at(-1);
    if (group === undefined) throw reader.malformed('an attribute before any group');
    readAttribute(reader, tag, group.attributes);
  }
}

/** The attribute that begins with this tag, with its further values. */
function readAttribute(reader: Reader, first: number, into: Map<string, IppValue[]>): void {
  const name = reader.take(reader.unsigned16('name'), 'name').toString();
  if (name === '') throw reader.malformed('a further value without an attribute');
  const values: IppValue[] = [];
  into.set(name, values);
  let tag = first;
  let depth = 0;
  for (;;) {
    const value = reader.take(reader.unsigned16('value'), 'value');
    if (tag === valueTags.endCollection) depth--;
    if (depth < 0) throw reader.malformed('the end of a collection that did not begin');
    if (depth === 0) values.push(...readValue(reader, tag, value));
    if (tag === valueTags.beginCollection) depth++;
    // What has no name belongs to the attribute before it, members of collections included.
    const next = reader.ahead();
    if (next === null) {
      if (depth > 0) throw reader.malformed('a collection without an end');
      return;
    }
    tag = next;
  }
}

function readValue(reader: Reader, tag: number, value: Buffer): IppValue[] {
  switch (tag) {
    case valueTags.integer:
    case valueTags.enum:
      if (value.length !== 4) throw reader.malformed('an integer that is not of four bytes');
      return [value.readInt32BE()];
    case valueTags.boolean:
      if (value.length !== 1) throw reader.malformed('a boolean that is not of one byte');
      return [value[0] !== 0];
    case valueTags.textWithLanguage:
    case valueTags.nameWithLanguage: {
      const inner = new Reader(value);
      inner.take(inner.unsigned16('language'), 'language');
      return [inner.take(inner.unsigned16('text'), 'text').toString()];
    }
    default:
      // Character strings (RFC 8010, section 3.9).
      return tag >= 0x40 && tag <= 0x49 ? [value.toString()] : [];
  }
}

/** Goes forward only, and never beyond the end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number, what: string): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.malformed(`it ends within a ${what}`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  byte(what: string): number {
    return this.take(1, what).readUInt8();
  }
  unsigned16(what: string): number {
    return this.take(2, what).readUInt16BE();
  }
  signed32(what: string): number {
    return this.take(4, what).readInt32BE();
  }

  /** The tag of a further value, past its empty name; null where none comes. */
  ahead(): number | null {
    const tag = this.#bytes[this.#at];
    if (tag === undefined || tag < 0x10) return null;
    const name = this.#bytes.subarray(this.#at + 1, this.#at + 3);
    if (name.length < 2) throw this.malformed('it ends within a name');
    if (name.readUInt16BE() !== 0) return null;
    this.#at += 3;
    return tag;
  }

  malformed(why: string): IppMalformed {
    return new IppMalformed('ipp_malformed', `the printer’s answer is no IPP message: ${why}`, {
      byte: this.#at,
    });
  }
}
