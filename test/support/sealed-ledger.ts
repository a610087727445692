import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, formatKey, SignatureType, type NoteSigner } from '#libs/log';
import { createEventStore, PostgresEventStore } from '../../libs/event-store/postgres/index.js';
import { type EventStore, NONE } from '#libs/event-store';
import { nodeSha256, nodeSigner, nodeVerify } from '#libs/sealing';
import { parsePolicy, type Policy } from '#libs/verify';
import { Sealer, type SealerOptions } from '../../libs/sealing/sealer.js';
import { createSealing } from '../../libs/sealing/sealing.migrations.js';
import {
  PostgresLogStorage,
  type PostgresLogStorageOptions,
} from '../../libs/sealing/log-storage.postgres.js';
import { HttpWitness } from '../../libs/sealing/witness-client.js';
import { WitnessDatabase } from '../../libs/witness/witness-database.js';
import { witnessServer } from '../../libs/witness/server/witness-server.js';
import { WitnessDesk } from '../../libs/witness/witness.js';
import { freshDatabase, type TestDatabase } from './postgres.js';
import { SparsePositions } from './sparse-positions.js';

export const city = 'city.example';

/** A log's or a witness's key, made for one test. */
export const testSigner = (name: string, type: NoteSigner['key']['type']): NoteSigner =>
  nodeSigner(name, type, randomBytes(32));

/** A witness of a department of its own: a server on a port, a key, a folder. */
export class TestWitness {
  readonly signer = testSigner(
    `witness.example/${randomBytes(4).toString('hex')}`,
    SignatureType.cosignature,
  );
  url = '';
  /** What a request is answered with instead, where it is set: a witness out of order. */
  #stop: () => Promise<void> = () => Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly log: NoteSigner['key'],
  ) {}

  static async start(log: NoteSigner['key']): Promise<TestWitness> {
    const witness = new TestWitness(await mkdtemp(join(tmpdir(), 'mianzheng-witness-')), log);
    await witness.open(0);
    return witness;
  }

  /** On the same port as before, where it had one. */
  async open(port = Number(new URL(this.url).port)): Promise<void> {
    const database = await WitnessDatabase.open(this.folder);
    const desk = new WitnessDesk(
      this.signer,
      [this.log],
      database,
      () => new Date().toISOString(),
      nodeVerify,
    );
    const server = witnessServer(desk, () => undefined).listen(port, '127.0.0.1');
    await new Promise<void>((resolve) => server.once('listening', resolve));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#stop = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      database.close();
    };
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * Where the records are, as the log sees it: in its own database, or in a store of another kind,
 * whose positions have gaps.
 */
export const placesOfRecords = ['beside', 'elsewhere'] as const;
export type PlaceOfRecords = (typeof placesOfRecords)[number];

/** A ledger and its log in a database of their own; sealers come and go. */
export class SealedLedger {
  readonly city: string;
  readonly signer: NoteSigner;
  readonly witnesses: TestWitness[] = [];
  readonly #sealers = new Set<Sealer>();
  readonly #stores: EventStore[] = [];
  store!: EventStore;

  private constructor(
    readonly database: TestDatabase,
    readonly place: PlaceOfRecords,
    private readonly own?: EventStore,
  ) {
    this.city = own?.city ?? city;
    this.signer = testSigner(this.city, SignatureType.ed25519);
  }

  /** @param own a store of another kind, which the test opened and will close */
  static async make(
    witnesses = 0,
    place: PlaceOfRecords = 'beside',
    own?: EventStore,
  ): Promise<SealedLedger> {
    const ledger = new SealedLedger(await freshDatabase(), place, own);
    await createEventStore(ledger.database.pool);
    await createSealing(ledger.database.pool);
    await ledger.openStore();
    for (let n = 0; n < witnesses; n++)
      ledger.witnesses.push(await TestWitness.start(ledger.signer.key));
    return ledger;
  }

  /** A store that has seen nothing so far, as after a restart. */
  async openStore(): Promise<EventStore> {
    if (this.own !== undefined) return (this.store = this.own);
    const { pool } = this.database;
    const store = await PostgresEventStore.open({ city, pool, pollMs: 20, takeOver: true });
    this.store = this.place === 'beside' ? store : new SparsePositions(store);
    this.#stores.push(this.store);
    return this.store;
  }

  /** As another process has it. */
  storage(options: Omit<PostgresLogStorageOptions, 'store'> = {}): PostgresLogStorage {
    return new PostgresLogStorage(this.database.pool, {
      ...options,
      ...(this.place === 'elsewhere' && { store: this.store }),
    });
  }

  /** How many records there are. */
  async size(): Promise<number> {
    const { rows } = await this.database.pool.query<{ size: number }>(
      'SELECT count(*)::int AS size FROM log_record',
    );
    return rows[0]?.size ?? 0;
  }

  get policy(): Policy {
    return parsePolicy(this.policyText());
  }

  policyText(needed = this.witnesses.length): string {
    const lines = this.witnesses.map(
      ({ signer, url }, n) => `witness w${n} ${formatKey(signer.key)} ${url}`,
    );
    const group = `group all ${needed} ${lines.map((_, n) => `w${n}`).join(' ')}`;
    return [
      `log ${formatKey(this.signer.key)}`,
      ...lines,
      needed > 0 ? `${group}\nquorum all` : 'quorum none',
      '',
    ].join('\n');
  }

  sealer(changes: Partial<SealerOptions> = {}): Sealer {
    const policy = changes.policy ?? this.policy;
    const storage = this.storage();
    const sealer = new Sealer({
      store: this.store,
      storage,
      leaves: storage.leaves,
      signer: this.signer,
      policy,
      witnesses: policy.witnesses.map(
        ({ name, key, url }) =>
          new HttpWitness({
            name,
            key,
            url: url ?? '',
            origin: this.city,
            logKey: this.signer.key,
            verify: nodeVerify,
          }),
      ),
      hash: nodeSha256,
      verify: nodeVerify,
      pauseMs: 20,
      ...changes,
    });
    this.#sealers.add(sealer);
    return sealer;
  }

  async close(): Promise<void> {
    for (const sealer of this.#sealers) await sealer.stop();
    for (const witness of this.witnesses) await witness.remove();
    for (const store of this.#stores) await store.close();
    await this.database.drop();
  }
}

/** Appends `count` records, each in a stream of its own; their streams. */
export async function appendRecords(store: EventStore, count: number): Promise<string[]> {
  const streams = Array.from(
    { length: count },
    () => `case-${randomBytes(16).toString('base64url')}`,
  );
  await Promise.all(streams.map((stream) => appendTo(store, stream)));
  return streams;
}

export const appendTo = (
  store: EventStore,
  stream: string,
  expected = NONE,
  actor: Actor = { client: 'window-7' },
) =>
  store.append(stream, expected, [
    {
      id: randomBytes(16).toString('hex'),
      type: 'CaseClosed',
      schema: 1,
      time: '2026-11-22T01:02:03.004Z',
      actor,
      data: { outcome: 'accepted' },
    },
  ]);
