import { randomBytes } from 'node:crypto';
import { checkLedger, type Finding } from '#libs/audit/ledger-check';
import { formatCheckpoint } from '#libs/log';
import { appendTo, city, SealedLedger } from '../support/sealed-ledger.js';
import type { Place, Wrong } from './ways.js';

const patienceMs = 60_000;
const tables = ['log_record', 'log_head', 'log_tile', 'log_sealed'];

/** A sealed ledger that is changed, checked and mended again and again. */
export class TamperedLedger {
  private constructor(
    private readonly ledger: SealedLedger,
    /** The checkpoint that somebody kept. */
    private readonly kept: Uint8Array,
    readonly places: readonly Place[],
  ) {}

  /**
   * @param streams appended to in turn, so that each of them runs through the whole ledger
   * @param rounds records of each; `onRound` is told when all of a round are sealed
   */
  static async make(
    streams: number,
    rounds: number,
    onRound?: (ledger: SealedLedger, round: number) => Promise<void>,
  ): Promise<TamperedLedger> {
    const ledger = await SealedLedger.make(1);
    const names = Array.from(
      { length: streams },
      () => `case-${randomBytes(16).toString('base64url')}`,
    );
    const sealer = ledger.sealer();
    sealer.start();
    for (let round = 0; round < rounds; round++) {
      await Promise.all(names.map((stream) => appendTo(ledger.store, stream, round - 1)));
      if (onRound !== undefined) {
        await sealer.reached((round + 1) * streams, patienceMs);
        await onRound(ledger, round);
      }
    }
    const checkpoint = await sealer.reached(streams * rounds, patienceMs);
    await sealer.stop();
    if (checkpoint === null) throw new Error('the ledger was not sealed');
    const { pool } = ledger.database;
    for (const table of tables)
      await pool.query(`CREATE TABLE kept_${table} AS TABLE ${table}; ANALYZE kept_${table}`);
    await pool.query('CREATE INDEX ON kept_log_record (position); ANALYZE log_record');
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
    });
    return report.findings;
  }

  /** Whether what was found says what is wrong: names the record, or the log where no record can be named. */
  names(findings: readonly Finding[], { records }: Wrong): boolean {
    const log = (...whats: string[]) =>
      findings.some(({ version, what }) => version < 0 && whats.includes(what));
    if (records.length === 0)
      return log('missing', 'checkpoint', 'sealed_head') || log('sealed_tail');
    // No full tile covers the last of them: where their chains still hold, it is the tail that is named.
    const covered = this.places.length - (this.places.length % 256);
    if (records.some(({ position }) => position > covered) && log('sealed_tail')) return true;
    return findings.some(({ stream, version }) =>
      records.some((record) => record.stream === stream && record.version === version),
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
