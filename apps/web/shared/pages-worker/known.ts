import { isObject, parseJson, utf8Bytes } from '#libs/kernel';
import { readRecord } from '#libs/log';
import { pagesIn, type PagesSet } from '#libs/verify';

/** Why a set of pages was not taken. */
export interface PagesFault {
  /**
   * Of contracts/codes.json, or one of: `page_other`, a served file is not the one of the record;
   * `pages_record_older`, its record is an earlier one; `checkpoint_older`, its log has shrunk.
   */
  readonly code: string;
  /** The file of the set, where it is about one. */
  readonly path: string | null;
}

/** What this browser remembers of its city's pages and log. */
export interface Known {
  readonly v: 1;
  /** The keys of the log as it had them when this browser asked first, as verifier keys. */
  readonly keys: readonly string[];
  /** The last checkpoint that was accepted, a signed note. */
  readonly checkpoint: string;
  /** The record of the set that is kept, as it is stored. */
  readonly record: string;
  /** When the log was asked last, in milliseconds since 1970. */
  readonly asked: number;
  /** What was wrong at the last look that found anything out. */
  readonly fault: PagesFault | null;
}

/** Null where it is of another form, as a former worker would leave it. */
export function readKnown(text: string): Known | null {
  const value = parseJson(text, 8);
  return isObject(value) && value['v'] === 1 ? (value as unknown as Known) : null;
}

export interface KeptSet extends PagesSet {
  /** Version of its record. */
  readonly version: number;
}

/** The set that is kept. */
export function setOf({ record }: Known): KeptSet {
  const body = readRecord(utf8Bytes(record));
  return { ...pagesIn(body), version: body.version };
}

/** The hash of a file of a set; undefined where the set has no such file. */
export const hashIn = ({ files }: PagesSet, path: string): string | undefined =>
  files.find((file) => file.path === path)?.hash;
