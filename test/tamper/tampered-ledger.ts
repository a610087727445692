import { randomBytes } from 'node:crypto';
import {
  checkLedger,
  checkSignature,
  type Finding,
  type SignatureToCheck,
} from '#libs/audit/ledger-check';
import { formatCheckpoint } from '#libs/log';
import { city, SealedLedger } from '../support/sealed-ledger.js';
import { Authority, lifeOf, type Step } from './mixture.js';
import type { Place, Wrong } from './ways.js';

const patienceMs = 60_000;
const tables = ['log_record', 'log_head', 'log_tile', 'log_sealed', 'log_edge'];

/** 2 records of each authority, and of each holder `records` a round. */
export interface Shape {
  readonly authorities: number;
  readonly holders: number;
  readonly rounds: number;
  readonly records: number;
}

/** A sealed ledger that is changed, checked and mended again and again. */
export class TamperedLedger {
  private constructor(
    private readonly ledger: SealedLedger,
    /** The checkpoint that somebody kept. */
    private readonly kept: Uint8Array,
    readonly places: readonly Place[],
  ) {}

  /**
   * A mixture of what a ledger holds: authorities and their keys, holders with phones and certificates, cases, consents and releases. Holders
   * go on beside one another, so that streams run through the whole ledger.
   * @param onRound is told when all of a round are sealed
   */
  static async make(
    { authorities, holders, rounds, records }: Shape,
    onRound?: (ledger: SealedLedger, round: number) => Promise<void>,
  ): Promise<TamperedLedger> {
    const ledger = await SealedLedger.make(1);
    // Nothing of it must outlive the machine.
    await ledger.database.pool.query(
      `ALTER DATABASE ${new URL(ledger.database.url).pathname.slice(1)} SET synchronous_commit = off`,
    );
    const versions = new Map<string, number>();
    const append = async ({ stream, type, data }: Step) => {
      const version = versions.get(stream) ?? -1;
      versions.set(stream, version + 1);
      await ledger.store.append(stream, version, [
        {
          id: randomBytes(16).toString('hex'),
          type,
          schema: 1,
          time: '2026-11-22T01:02:03.004Z',
          actor: { client: 'window-7' },
          data,
        },
      ]);
    };
    const sealer = ledger.sealer();
    sealer.start();
    const issuing = Array.from({ length: authorities }, () => new Authority());
    for (const authority of issuing) for (const step of authority.steps()) await append(step);
    const lives = Array.from({ length: holders }, (_, n) => lifeOf(issuing[n % authorities]!));
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        lives.map(async (life) => {
          for (let n = 0; n < records; n++) await append(life.next().value);
        }),
      );
      if (onRound !== undefined) {
        await sealer.reached(await ledger.size(), patienceMs);
        await onRound(ledger, round);
      }
    }
    const checkpoint = await sealer.reached(await ledger.size(), patienceMs);
    await sealer.stop();
    if (checkpoint === null) throw new Error('the ledger was not sealed');
    const { pool } = ledger.database;
    for (const table of tables)
      await pool.query(`CREATE TABLE kept_${table} AS TABLE ${table}; ANALYZE kept_${table}`);
    await pool.query('CREATE INDEX ON kept_log_record (position); ANALYZE');
    const { rows } = await pool.query<Place>(
      'SELECT position::int, stream, version FROM log_record ORDER BY position',
    );
    return new TamperedLedger(ledger, Buffer.from(formatCheckpoint(checkpoint)), rows);
  }

  get pool() {
    return this.ledger.database.pool;
  }

  async check(): Promise<readonly Finding[]> {
    const report = await checkLedger(this.pool, this.ledger.database.url, {
      city,
      policy: this.ledger.policy,
      checkpoints: [this.kept],
      threads: 0,
      signatures: (toCheck) => this.#wrongSignatures(toCheck),
    });
    return report.findings;
  }

  /** Most of the ledger is the same as in the check before: a signature that held over the same text by the same key still does. */
  #wrongSignatures(toCheck: readonly SignatureToCheck[]): Finding[] {
    return toCheck.flatMap((one) => {
      const known = JSON.stringify({ ...one, leaf: 0, version: 0 });
      if (this.#held.has(known)) return [];
      const finding = checkSignature(one);
      if (finding !== null) return [finding];
      this.#held.add(known);
      return [];
    });
  }
  readonly #held = new Set<string>();

  /** Whether what was found first is the first that is wrong: the record, or from where to where the end is missing. */
  names([first]: readonly Finding[], { leaf, records }: Wrong): boolean {
    if (first?.leaf !== leaf) return false;
    if (records.length === 0)
      return first.what === 'missing' && first.until === this.places.length - 1;
    return records.some(
      ({ stream, version }) => stream === first.stream && version === first.version,
    );
  }

  /** Only what differs is written: most of the ledger was left alone. */
  async mend(): Promise<void> {
    await this.pool.query(
      `DELETE FROM log_record r WHERE NOT EXISTS (SELECT FROM kept_log_record k WHERE (k.position, k.version, k.stream, k.hash, k.bytes) = (r.position, r.version, r.stream, r.hash, r.bytes));
       INSERT INTO log_record SELECT * FROM kept_log_record k WHERE NOT EXISTS (SELECT FROM log_record r WHERE r.position = k.position);
       UPDATE log_head SET position = (SELECT position FROM kept_log_head)`,
    );
  }

  close(): Promise<void> {
    return this.ledger.close();
  }
}

/** What the ledger and its log hold now, under a name. */
export async function backUp({ database: { pool } }: SealedLedger, name: string): Promise<void> {
  for (const table of tables)
    await pool.query(`CREATE TABLE backup_${name}_${table} AS TABLE ${table}`);
}

/** Puts a backup in the ledger's place and starts a sealer over it. @returns the code of its refusal; null where it went on */
export async function refusalOver(ledger: SealedLedger, name: string): Promise<string | null> {
  const { pool } = ledger.database;
  for (const table of tables)
    await pool.query(
      `TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM backup_${name}_${table}`,
    );
  await ledger.openStore();
  const sealer = ledger.sealer();
  const until = Date.now() + patienceMs;
  sealer.start();
  while (sealer.alarm === null && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await sealer.stop();
  return sealer.alarm?.code ?? null;
}
