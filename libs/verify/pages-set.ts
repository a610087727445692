import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, isObject, RefusedError, utf8Bytes } from '#libs/kernel';
import type { RecordBody, Sha256 } from '#libs/log';
import type { Policy } from './policy.js';
import { type Means, type VerifiedReceipt, verifyReceipt } from './receipt.js';

/** A file of a set of pages: its path in the build (`window/index.html`). */
export interface PageOfSet {
  readonly path: string;
  /** SHA-256 of its bytes, base64url. */
  readonly hash: string;
}

/** A set of pages as the log has it. */
export interface PagesSet {
  /** `nameOfPages` of its files. */
  readonly set: string;
  /** The version of the product that published it. */
  readonly productVersion: string;
  /** In the order of their paths. */
  readonly files: readonly PageOfSet[];
}

/** The record does not publish a set of pages, or not in the form that it must have. */
export class PagesRecordRefused extends RefusedError<
  'pages_record_other' | 'pages_record_malformed' | 'pages_set_misnamed'
> {}

/** The stream of the records of published sets. */
export const pagesStream = 'pages-published';

/** The actor of a record that the city itself appends at its start. */
const theCity = 'city';

/** Where a city serves a file of a set: a page under its own name, all else under its path. */
export const addressOf = (path: string): string =>
  `/${path.replace(/(^|\/)index\.html$|\.html$/, '').replace(/^start$/, '')}`;

/** The name of a set: SHA-256, base64url, of a line `HASH PATH` for each file, by path. */
export const nameOfPages = (files: readonly PageOfSet[], hash: Sha256 = sha256): string =>
  base64url(hash(utf8Bytes(files.map((file) => `${file.hash} ${file.path}\n`).join(''))));

/** Whether files are told as a record tells them: at least one, each path once, in their order. */
export const arePagesInOrder = (files: readonly PageOfSet[]): boolean =>
  files.length > 0 &&
  files.every(
    ({ path, hash }, n) =>
      /^[A-Za-z0-9_-]{43}$/.test(hash) &&
      /^[\w./-]+$/.test(path) &&
      (n === 0 || (files[n - 1]?.path ?? '') < path),
  );

/**
 * The set that a record of type `PagesPublished` names.
 * @throws PagesRecordRefused
 */
export function pagesIn(
  { stream, type, schema, actor, data }: RecordBody,
  hash: Sha256 = sha256,
): PagesSet {
  const isPublication =
    stream === pagesStream && type === 'PagesPublished' && actor.client === theCity;
  if (!isPublication || schema !== 1)
    throw new PagesRecordRefused(
      'pages_record_other',
      'the record is not one by which the city publishes a set of pages',
      { stream, type, schema },
    );
  const { set, productVersion, files } = data;
  if (typeof set !== 'string' || typeof productVersion !== 'string' || !Array.isArray(files))
    throw malformed();
  const pages = files.map((file) => {
    if (!isObject(file)) throw malformed();
    const { path, hash: of } = file;
    if (typeof path !== 'string' || typeof of !== 'string') throw malformed();
    return { path, hash: of };
  });
  if (!arePagesInOrder(pages)) throw malformed();
  if (nameOfPages(pages, hash) !== set)
    throw new PagesRecordRefused('pages_set_misnamed', 'the name of the set is not its files’');
  return { set, productVersion, files: pages };
}

const malformed = () =>
  new PagesRecordRefused('pages_record_malformed', 'the record does not list files with hashes');

/** A set of pages whose record is in the log. */
export interface VerifiedPages extends VerifiedReceipt, PagesSet {}

/**
 * That a log of the policy has the record of a set of pages.
 * @param record its bytes as stored @param receipt a C2SP tlog-proof of it; both untrusted
 * @throws PagesRecordRefused, and what `verifyReceipt` throws
 */
export function verifyPages(
  record: Uint8Array,
  receipt: Uint8Array,
  policy: Policy,
  means: Means = {},
): VerifiedPages {
  const verified = verifyReceipt(receipt, policy, record, means);
  if (verified.record === null) throw malformed();
  return { ...verified, ...pagesIn(verified.record, means.hash) };
}
