import { checkLedger, type Finding } from '#libs/audit/ledger-check';
import { city, SealedLedger } from '../support/sealed-ledger.js';
import { fill, type Filled, KnownSignatures, refusalOf, type Shape } from './filling.js';
import { isNamed, type Wrong } from './place.js';
import { ways } from './ways.js';

const tables = ['log_record', 'log_head', 'log_tile', 'log_sealed', 'log_edge'];

/**
 * A sealed ledger whose records are in tables that are changed, checked and mended again and again.
 */
export class TamperedLedger {
  readonly #signatures = new KnownSignatures();
  #changes = 0;

  private constructor(
    private readonly ledger: SealedLedger,
    private readonly filled: Filled,
  ) {}

  /** @param onRound is told when all of a round are sealed */
  static async make(
    shape: Shape,
    onRound?: (ledger: SealedLedger, round: number) => Promise<void>,
  ): Promise<TamperedLedger> {
    const ledger = await SealedLedger.make(1);
    // Nothing of it must outlive the machine.
    await ledger.database.pool.query(
      `ALTER DATABASE ${new URL(ledger.database.url).pathname.slice(1)} SET synchronous_commit = off`,
    );
    const filled = await fill(
      ledger,
      shape,
      onRound && ((round: number) => onRound(ledger, round)),
    );
    const { pool } = ledger.database;
    for (const table of tables)
      await pool.query(`CREATE TABLE kept_${table} AS TABLE ${table}; ANALYZE kept_${table}`);
    await pool.query('CREATE INDEX ON kept_log_record (position); ANALYZE');
    return new TamperedLedger(ledger, filled);
  }

  tamper(way: string): Promise<Wrong> {
    return ways[way]!(this.#pool, this.filled.places);
  }

  get #pool() {
    return this.ledger.database.pool;
  }

  async check(): Promise<readonly Finding[]> {
    const report = await checkLedger(this.#pool, this.ledger.database.url, {
      city,
      policy: this.ledger.policy,
      checkpoints: [this.filled.kept],
      threads: 0,
      signatures: this.#signatures.wrong,
    });
    return report.findings;
  }

  names(findings: readonly Finding[], wrong: Wrong): boolean {
    return isNamed(findings, wrong, this.filled.places.length);
  }

  /** Only what differs is written: most of the ledger was left alone. */
  async mend(): Promise<void> {
    await this.#pool.query(
      `DELETE FROM log_record r WHERE NOT EXISTS (SELECT FROM kept_log_record k WHERE (k.position, k.version, k.stream, k.hash, k.bytes) = (r.position, r.version, r.stream, r.hash, r.bytes));
       INSERT INTO log_record SELECT * FROM kept_log_record k WHERE NOT EXISTS (SELECT FROM log_record r WHERE r.position = k.position);
       UPDATE log_head SET position = (SELECT position FROM kept_log_head)`,
    );
    this.#changes++;
    if (this.#changes % 100 === 0) await this.#pool.query('VACUUM log_record');
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

/**
 * Puts a backup in the ledger's place and starts a sealer over it. @returns the code of its
 * refusal; null where it went on
 */
export async function refusalOver(ledger: SealedLedger, name: string): Promise<string | null> {
  const { pool } = ledger.database;
  for (const table of tables)
    await pool.query(
      `TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM backup_${name}_${table}`,
    );
  await ledger.openStore();
  return refusalOf(ledger);
}
