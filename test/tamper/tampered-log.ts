import { checkLedger, type Finding } from '#libs/audit/ledger-check';
import type { EventStore } from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { EventStoreDouble } from '../eventstore/double.js';
import type { DoubleEvent } from '../eventstore/log.js';
import { city, SealedLedger } from '../support/sealed-ledger.js';
import { fill, type Filled, KnownSignatures, refusalOf, type Shape } from './filling.js';
import { isNamed, type Wrong } from './place.js';
import { waysOfLog } from './ways-of-log.js';

/** What the log says of the records, in the database of the ledger. */
const tables = ['log_leaf', 'log_tile', 'log_sealed', 'log_edge'];

/**
 * A sealed ledger whose records are in a double of EventStoreDB, whose events are changed, checked
 * and repaired repeatedly.
 */
export class TamperedLog {
  readonly #signatures = new KnownSignatures();
  readonly #whole: readonly DoubleEvent[];

  private constructor(
    private readonly double: EventStoreDouble,
    private readonly ledger: SealedLedger,
    private readonly filled: Filled,
  ) {
    this.#whole = [...double.log.all];
  }

  static async make(shape: Shape): Promise<TamperedLog> {
    const double = await EventStoreDouble.start();
    const store = await EventStoreDbEventStore.open({ city, url: double.url });
    const ledger = await SealedLedger.make(1, 'elsewhere', store);
    return new TamperedLog(double, ledger, await fill(ledger, shape));
  }

  tamper(way: string): Promise<Wrong> {
    const [events, wrong] = waysOfLog[way]!(this.#whole, this.filled.places);
    this.double.log.replace(events);
    return Promise.resolve(wrong);
  }

  check(): Promise<readonly Finding[]> {
    return findingsOf(this.ledger, this.filled, this.#signatures);
  }

  names(findings: readonly Finding[], wrong: Wrong): boolean {
    return isNamed(findings, wrong, this.filled.places.length);
  }

  mend(): Promise<void> {
    this.double.log.replace(this.#whole);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.ledger.store.close();
    await this.double.stop();
  }
}

export async function findingsOf(
  ledger: SealedLedger,
  { kept }: Filled,
  signatures: KnownSignatures,
): Promise<readonly Finding[]> {
  const report = await checkLedger(ledger.database.pool, ledger.database.url, {
    city: ledger.city,
    policy: ledger.policy,
    store: ledger.store,
    checkpoints: [kept],
    threads: 0,
    signatures: signatures.wrong,
  });
  return report.findings;
}

/**
 * Puts older copies of the events in their place, of each round but the last: with the database as
 * it is, and with the database of the same moment.
 * @returns the codes of the sealer's refusals; null where it went on
 */
export async function olderCopies(shape: Shape): Promise<readonly (string | null)[]> {
  const double = await EventStoreDouble.start();
  const url = double.url;
  const stores: EventStore[] = [];
  const open = async () => {
    const store = await EventStoreDbEventStore.open({ city, url });
    stores.push(store);
    return store;
  };
  const ledger = await SealedLedger.make(1, 'elsewhere', await open());
  const { pool } = ledger.database;
  const copies: (readonly DoubleEvent[])[] = [];
  await fill(ledger, shape, async (round) => {
    copies.push([...double.log.all]);
    for (const table of tables)
      await pool.query(`CREATE TABLE backup_${String(round)}_${table} AS TABLE ${table}`);
  });
  copies.pop();
  const last = shape.rounds - 1;
  const refusals: (string | null)[] = [];
  for (const [round, copy] of copies.entries()) {
    double.log.replace(copy);
    const ofDatabase = round % 2 === 0 ? last : round;
    for (const table of tables)
      await pool.query(
        `TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM backup_${String(ofDatabase)}_${table}`,
      );
    // A store that has seen nothing so far, as after a restart.
    ledger.store = await open();
    refusals.push(await refusalOf(ledger));
    await ledger.storage().lift();
  }
  await ledger.close();
  for (const store of stores) await store.close();
  await double.stop();
  return refusals;
}
