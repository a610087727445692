import { readRecord, RecordError, HASH_BYTES, type Tile, TILE_WIDTH } from '#libs/log';
import { CanonicalRecord } from './canonical-record.js';
import { ahead, atOnce } from './ahead.js';
import { entriesOf, isExact, leafTiles } from './entry-bundle.js';
import type { FetchedLog, FetchedTile } from './fetched-log.js';
import { type Finding, Findings, maxFindings, ofTheLog } from './finding.js';
import { sameHash } from './hashing.js';
import { RangeCheck, type RangeReport } from './range-check.js';
import type { LedgerReading } from './reading.js';
import { RowLayout } from './row-layout.js';

/** A record's place, by its own content. */
interface RecordPlace {
  readonly stream: string;
  readonly version: number;
}

const unnamed: RecordPlace = { stream: '', version: -1 };

/**
 * Reads the records of a log from its entry bundles (C2SP tlog-tiles), bundle by bundle, each with
 * its tile. A bundle names no places, so that a record's own claim counts, and the tree proves that
 * each is the sealed one.
 */
export class BundleReading implements LedgerReading {
  readonly findings = new Findings();
  readonly wrongLeaves: readonly number[] = [];
  /** Records whose leaf their tile does not have, by leaf. */
  readonly #named = new Map<number, RecordPlace>();
  readonly #record = new CanonicalRecord();

  constructor(
    private readonly log: FetchedLog,
    private readonly city: string,
  ) {}

  get leaves(): number {
    return this.log.size;
  }

  async *ranges(onProgress: (records: number) => void): AsyncGenerator<RangeReport, void> {
    const fetched = ahead(leafTiles(0, this.log.size), atOnce, async (tile) => ({
      tile,
      ofIt: await Promise.all([this.log.bundle(tile), this.log.tile(tile)]),
    }));
    for await (const { tile, ofIt } of fetched) {
      yield this.#check(tile, ...ofIt);
      onProgress(tile.width);
    }
  }

  /**
   * Nothing: an excluded event is in no bundle, and a leaf that an exclusion names would still be
   * there.
   */
  against(): Promise<readonly Finding[]> {
    return Promise.resolve([]);
  }

  named(leaves: readonly number[]): Promise<readonly Finding[]> {
    return Promise.resolve(
      leaves.map((leaf) => ({
        leaf,
        ...(this.#named.get(leaf) ?? unnamed),
        what: 'leaf' as const,
      })),
    );
  }

  #check({ index, width }: Tile, bundle: FetchedTile, tile: FetchedTile): RangeReport {
    const first = index * TILE_WIDTH;
    const check = new RangeCheck(this.city, first, first + width);
    const rows = new RowLayout(check);
    const standing: RecordPlace[] = [];
    if (bundle !== null) {
      for (const entry of entriesOf(bundle.bytes, width)) {
        const leaf = first + standing.length;
        const where = this.#standing(entry);
        if (where === null) check.takeUnreadable(leaf, entry);
        else rows.take(leaf, entry, null, where);
        standing.push(where ?? unnamed);
      }
      if (!isExact(bundle, width))
        this.findings.add({ ...ofTheLog('bundle'), leaf: first, until: first + width - 1 });
    }
    const report = check.report();
    // Full tiles are compared where the tree grows.
    const isTile = tile !== null && (tile.isWhole || tile.bytes.length === width * HASH_BYTES);
    if (width < TILE_WIDTH && !isTile)
      this.findings.add({ ...ofTheLog('tile'), leaf: first, until: first + width - 1 });
    if (tile !== null) this.#name(report, standing, tile.bytes);
    return report;
  }

  /**
   * Keeps the places of records whose hash differs from their tile's, because the bundle is
   * dropped.
   */
  #name({ from, leaves }: RangeReport, standing: readonly RecordPlace[], tile: Uint8Array): void {
    standing.forEach((where, n) => {
      const at = n * HASH_BYTES;
      if (!sameHash(leaves, at, tile, at) && this.#named.size < maxFindings)
        this.#named.set(from + n, where);
    });
  }

  /** Null where the bytes are no record. */
  #standing(bytes: Buffer): RecordPlace | null {
    const record = this.#record;
    if (record.passes(bytes, 0, bytes.length)) {
      const { streamStart, streamEnd, version } = record;
      return { stream: textIn(bytes, streamStart, streamEnd), version };
    }
    try {
      return readRecord(bytes);
    } catch (error) {
      if (error instanceof RecordError) return null;
      throw error;
    }
  }
}

/** The value of a JSON text, with or without escapes. */
function textIn(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
