import { fromBase64url, isCreditCode, isObject, type JsonValue, parseJson } from '#libs/kernel';
import { HASH_BYTES, isCount } from '#libs/log';

/** How far a watch has read the records, and the state that it needs to read on. */
export interface ReadSoFar {
  readonly size: number;
  /** Of the tree of so many leaves, base64url. */
  readonly root: string;
  /** Streams of clients that are registered under the authority's name. */
  readonly clients: readonly string[];
  /** Keys of these, with the leaf that registered each first. */
  readonly keys: readonly { readonly kid: string; readonly leaf: number }[];
}

/** What a watch stores between two runs. */
export interface WatchMemory {
  /** Origin of the log. */
  readonly city: string;
  /** Unified social credit code. */
  readonly authority: string;
  /** The checkpoint of the last run: a signed note. */
  readonly checkpoint: string;
  readonly read: ReadSoFar;
  /** Names of sightings that were reported. */
  readonly told: readonly string[];
}

export const nothingRead: ReadSoFar = { size: 0, root: '', clients: [], keys: [] };

export const formatMemory = (memory: WatchMemory): string =>
  `${JSON.stringify({ v: 1, ...memory })}\n`;

/** Null where the text was not written by `formatMemory`. */
export function parseMemory(text: string): WatchMemory | null {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return null;
  }
  if (!isObject(value) || value['v'] !== 1) return null;
  const { city, authority, checkpoint, read, told } = value;
  if (typeof city !== 'string' || typeof checkpoint !== 'string') return null;
  if (typeof authority !== 'string' || !isCreditCode(authority)) return null;
  if (!isTexts(told) || !isObject(read)) return null;
  const { size, root, clients, keys } = read;
  if (typeof size !== 'number' || !isCount(size) || typeof root !== 'string') return null;
  if (size > 0 && fromBase64url(root)?.length !== HASH_BYTES) return null;
  if (!isTexts(clients) || !Array.isArray(keys)) return null;
  const known = (keys as readonly JsonValue[]).flatMap((key) => {
    const [kid, leaf] = isObject(key) ? [key['kid'], key['leaf']] : [];
    return typeof kid === 'string' && typeof leaf === 'number' ? [{ kid, leaf }] : [];
  });
  if (known.length !== keys.length) return null;
  return { city, authority, checkpoint, read: { size, root, clients, keys: known }, told };
}

const isTexts = (value: JsonValue | undefined): value is string[] =>
  Array.isArray(value) && (value as readonly JsonValue[]).every((one) => typeof one === 'string');
