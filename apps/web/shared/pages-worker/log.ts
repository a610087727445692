import { isObject, parseJson, utf8Bytes, utf8Text } from '#libs/kernel';
import {
  type Checkpoint,
  consistencyTiles,
  formatKey,
  HASH_BYTES,
  parseCheckpoint,
  ProofError,
  proveConsistency,
  readRecord,
  tilePath,
  verifyConsistency,
} from '#libs/log';
import { keysOfLog, parsePolicy, type VerifiedPages, verifyPages } from '#libs/verify';
import { Refused } from './fault.ts';
import type { Known } from './known.ts';
import { fileAt, type Surroundings, Unasked } from './surroundings.ts';

/** A set that the city's log has, with all that this browser will remember of it. */
export interface Recorded {
  readonly pages: VerifiedPages;
  /** Version of its record. */
  readonly version: number;
  /** Its record as it is stored. */
  readonly record: string;
  readonly keys: readonly string[];
}

/** Times that an older checkpoint is asked for again: another process may be a moment behind. */
const attempts = 4;
const pauseMs = 500;

/**
 * The set that the city published last, shown to be in the log that this browser knows: signed with
 * a key that the log had when it asked first, and continuing the checkpoint that it saw last.
 * @throws Unasked; Refused; what `verifyPages` throws
 */
export async function askLog(around: Surroundings, known: Known | null): Promise<Recorded> {
  for (let attempt = 1; ; attempt++) {
    const { record, receipt } = await shownBy(around);
    const keys = known?.keys ?? (await firstKeys(around, record));
    const policy = parsePolicy(`${keys.map((key) => `log ${key}\n`).join('')}quorum none\n`);
    const pages = verifyPages(utf8Bytes(record), utf8Bytes(receipt), policy);
    const { version } = readRecord(utf8Bytes(record));
    if (known === null) return { pages, version, record, keys };
    const before = parseCheckpoint(utf8Bytes(known.checkpoint));
    if (pages.checkpoint.size >= before.size) {
      await mustContinue(around, before, pages.checkpoint);
      return { pages, version, record, keys };
    }
    if (attempt === attempts) throw new Refused('checkpoint_older');
    await around.pause(pauseMs);
  }
}

async function shownBy(around: Surroundings) {
  const served = await around.ask('/log/pages');
  const value = served === null ? null : jsonIn(served.bytes);
  if (served?.status === 404 && isObject(value) && value['code'] === 'pages_not_recorded')
    throw new Refused('pages_not_recorded');
  if (served?.status !== 200 || !isObject(value)) throw new Unasked('/log/pages');
  const { record, receipt } = value;
  if (!isObject(record) || typeof record['bytes'] !== 'string' || typeof receipt !== 'string')
    throw new Unasked('/log/pages');
  return { record: record['bytes'], receipt };
}

function jsonIn(bytes: Uint8Array) {
  try {
    return parseJson(utf8Text(bytes), 8);
  } catch {
    return null;
  }
}

/** At the first look the city's own word is taken for its log's keys, and remembered. */
async function firstKeys(around: Surroundings, record: string): Promise<readonly string[]> {
  const { bytes } = await fileAt(around, '/log/policy');
  const { city } = readRecord(utf8Bytes(record));
  return keysOfLog(parsePolicy(bytes), city).map(formatKey);
}

/** By the log's own tiles (RFC 6962, section 2.1.2). @throws ProofError, TileError, Unasked */
async function mustContinue(
  around: Surroundings,
  before: Checkpoint,
  now: Checkpoint,
): Promise<void> {
  // A tree of no leaves is continued by every tree.
  if (before.size === 0) return;
  const tiles = new Map<string, Uint8Array>();
  if (before.size < now.size)
    for (const tile of consistencyTiles(before.size, now.size)) {
      const path = tilePath(tile);
      const { bytes } = await fileAt(around, `/log/${path}`);
      if (bytes.length !== tile.width * HASH_BYTES) throw new ProofError('proof_malformed', path);
      tiles.set(path, bytes);
    }
  const proof =
    before.size === now.size
      ? []
      : proveConsistency(
          before.size,
          now.size,
          (tile) => tiles.get(tilePath(tile)) ?? new Uint8Array(),
        );
  verifyConsistency(before.size, now.size, proof, before.root, now.root);
}
