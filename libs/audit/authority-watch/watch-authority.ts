import { base64url, hex, utf8Bytes } from '#libs/kernel';
import {
  formatCheckpoint,
  leafHash,
  maxNoteBytes,
  parseCheckpoint,
  readRecord,
  RecordError,
  sameBytes,
  TILE_WIDTH,
} from '#libs/log';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import {
  type AuthorityKey,
  AuthorityKeysRefused,
  openAuthorityKeys,
  type Policy,
} from '#libs/verify';
import { ahead, atOnce } from '../ledger-check/ahead.js';
import { LedgerUnread } from '../ledger-check/worker-pool.js';
import { entriesOf, isExact, leafTiles } from '../ledger-check/entry-bundle.js';
import { FetchedLog, type LedgerDoor } from '../ledger-check/fetched-log.js';
import { faultOfContinuing, treeAt } from './log-continuity.js';
import { nothingRead, type ReadSoFar, type WatchMemory } from './memory.js';
import type { OwnWork } from './own-work.js';
import { isWatched, RecordRules } from './record-rules.js';
import { type Sighting, Sightings } from './sighting.js';

export interface WatchOptions {
  readonly policy: Policy;
  /** Unified social credit code. */
  readonly authority: string;
  readonly own: OwnWork;
  /** The state of the last run; null before the first. */
  readonly memory: WatchMemory | null;
  /**
   * Whether entry bundles may be read: otherwise only the published keys are checked, as the log's
   * key signed them.
   */
  readonly readsEntries: boolean;
  /** Pause before a retry where the city shows an older checkpoint than before. */
  readonly pause: () => Promise<unknown>;
  readonly onProgress?: (records: number, of: number) => void;
}

export interface WatchReport {
  /** Origin of the log. */
  readonly city: string;
  /** Leaves under the checkpoint. */
  readonly size: number;
  /** Keys under the authority's name, as the log publishes them. */
  readonly keys: number;
  /**
   * Versions of certificates under its name in the new records; null where no records were read.
   */
  readonly certificates: number | null;
  /** Sightings that were not reported before. */
  readonly sightings: readonly Sighting[];
  /** The number of sightings that were. */
  readonly toldBefore: number;
  /** The state for the next run. */
  readonly memory: WatchMemory | null;
  /** A checkpoint of another tree: signed proof, to be kept. */
  readonly evidence: string | null;
}

/**
 * How often an older checkpoint is requested again: processes of a city may differ for a moment.
 */
const looks = 5;

/**
 * One run of an authority's watch: that the log continues what it showed before, which keys it
 * publishes, and, where records may be read, every key and certificate in the new ones, each proved
 * to be under the checkpoint.
 * @throws LedgerUnread, AuthorityKeysRefused, NoteError; the door's errors
 */
export async function watchAuthority(
  door: LedgerDoor,
  options: WatchOptions,
): Promise<WatchReport> {
  const { policy, authority, own, memory, readsEntries, onProgress } = options;
  const seen = memory === null ? null : parseCheckpoint(utf8Bytes(memory.checkpoint));
  const log = await logFrom(door, seen?.size ?? 0, options);
  const { checkpoint } = log;
  const { origin: city, size } = checkpoint;
  const sightings = new Sightings(new Set(memory?.told));
  const end = (more: Partial<WatchReport>, evidence: string | null = null): WatchReport => ({
    city,
    size,
    keys: 0,
    certificates: null,
    sightings: sightings.all,
    toldBefore: memory?.told.length ?? 0,
    memory,
    evidence,
    ...more,
  });

  if (!log.isTrustedUnder(policy)) {
    sightings.add({ what: 'checkpoint_not_trusted' });
    return end({});
  }
  if (seen !== null && seen.origin !== city)
    throw new LedgerUnread('ledger_unread', 'the memory of this watch is of another log', { city });
  const fault = seen === null ? null : await faultOfContinuing(log, seen);
  if (fault !== null) {
    sightings.add({ what: fault });
    // What follows would continue another tree: none of it is believed.
    return end({}, formatCheckpoint(checkpoint));
  }

  const published = await publishedKeys(door, city, policy);
  if (published.size < size) sightings.add({ what: 'keys_older' });
  const keys = published.keys.filter((key) => key.authority === authority);
  for (const { kid, from } of keys)
    if (!own.kids.has(kid)) sightings.add({ what: 'key_foreign', kid, leaf: from });

  const before = memory?.read ?? nothingRead;
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  const rules = new RecordRules(authority, own, byKid, sightings, before);
  const read = readsEntries
    ? await readEntries(log, before, rules, sightings, (records) => onProgress?.(records, size))
    : before;
  if (readsEntries) compare(keys, published.size, read, sightings);

  return end({
    keys: byKid.size,
    certificates: readsEntries ? rules.certificates : null,
    sightings: sightings.all,
    memory: {
      city,
      authority,
      checkpoint: formatCheckpoint(checkpoint),
      read,
      told: [...(memory?.told ?? []), ...sightings.names],
    },
  });
}

/** The log as of a checkpoint that is not older than the last, where the city shows one in time. */
async function logFrom(
  door: LedgerDoor,
  size: number,
  { pause }: WatchOptions,
): Promise<FetchedLog> {
  for (let look = 1; ; look++) {
    const log = await FetchedLog.open(door);
    if (log.size >= size || look >= looks) return log;
    await pause();
  }
}

async function publishedKeys(door: LedgerDoor, city: string, policy: Policy) {
  const note = await door.read('/log/authority-keys', maxNoteBytes, false);
  if (note === null)
    throw new LedgerUnread('ledger_unread', 'the city publishes no keys of authorities');
  const published = openAuthorityKeys(note, policy, { verify: nodeVerify });
  if (published.origin !== city)
    throw new AuthorityKeysRefused(
      'authority_keys_of_other_log',
      'the keys of authorities are those of another log',
      { origin: published.origin },
    );
  return published;
}

/**
 * Reads the new records, and verifies that they are those of the checkpoint: the tree grows from
 * the old root.
 */
async function readEntries(
  log: FetchedLog,
  before: ReadSoFar,
  rules: RecordRules,
  sightings: Sightings,
  onProgress: (records: number) => void,
): Promise<ReadSoFar> {
  const { size, root } = log.checkpoint;
  const tree = await treeAt(log, before.size);
  if (tree === null) {
    sightings.add({ what: 'tile_not_shown' });
    return before;
  }
  const isOther = before.size > 0 && base64url(tree.root()) !== before.root;
  if (isOther) {
    sightings.add({ what: 'entries_other' });
    return before;
  }
  const bundles = ahead(leafTiles(before.size, size), atOnce, async (tile) => ({
    tile,
    bundle: await log.bundle(tile),
  }));
  for await (const { tile, bundle } of bundles) {
    if (bundle === null || !isExact(bundle, tile.width)) {
      const what = bundle === null ? 'tile_not_shown' : 'entries_other';
      sightings.add({ what, leaf: tile.index * TILE_WIDTH });
      return before;
    }
    let leaf = tile.index * TILE_WIDTH;
    for (const entry of entriesOf(bundle.bytes, tile.width)) {
      if (leaf >= tree.size) {
        const hash = leafHash(entry, nodeSha256);
        tree.append(hash);
        look(entry, leaf, hash, rules);
      }
      leaf++;
    }
    // Tiles of a tree that is only compared with a root are dropped.
    tree.takeChanges();
    onProgress(leaf);
  }
  if (!sameBytes(tree.root(), root)) {
    sightings.add({ what: 'entries_other' });
    return before;
  }
  return { size, root: base64url(root), ...rules.known };
}

/** Bytes that are no record are in no authority's name. */
function look(entry: Buffer, leaf: number, hash: Uint8Array, rules: RecordRules): void {
  let body;
  try {
    body = readRecord(entry);
  } catch (error) {
    if (error instanceof RecordError) return;
    throw error;
  }
  if (isWatched(body.type)) rules.take(body, leaf, hex(hash));
}

/** Compares the log with the keys that it publishes for the authority, as far as both go. */
function compare(
  published: readonly AuthorityKey[],
  size: number,
  read: ReadSoFar,
  sightings: Sightings,
): void {
  const inLog = new Set(read.keys.map(({ kid }) => kid));
  const listed = new Set(published.map(({ kid }) => kid));
  for (const { kid, leaf } of read.keys)
    if (leaf < size && !listed.has(kid)) sightings.add({ what: 'key_not_published', kid, leaf });
  for (const { kid, from } of published)
    if (from < read.size && !inLog.has(kid))
      sightings.add({ what: 'key_not_in_log', kid, leaf: from });
}
