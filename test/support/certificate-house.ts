import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Catalogue, type TypeDefinition } from '#libs/catalogue';
import type { EventStore } from '#libs/event-store';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import type { RegisteredClient } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { certificateMigrations } from '../../libs/certificate/certificate.migrations.js';
import { ChangeStandingHandler } from '../../libs/certificate/commands/change-standing.js';
import { IssueBatchHandler } from '../../libs/certificate/commands/issue-batch.js';
import { HandInCertificateHandler } from '../../libs/certificate/commands/hand-in-certificate.js';
import { KeepFileHandler } from '../../libs/certificate/commands/keep-file.js';
import { HandIn } from '../../libs/certificate/hand-in.js';
import { IssuingDesk } from '../../libs/certificate/issuing-desk.js';
import { VaultDisclosureOpener } from '../../libs/certificate/opener.js';
import { OtherPapers } from '../../libs/certificate/other-papers.js';
import { PaperDesk } from '../../libs/certificate/paper-desk.js';
import { GetCertificateHandler } from '../../libs/certificate/queries/certificate.js';
import { GetPhoneWalletHandler } from '../../libs/certificate/queries/phone-wallet.js';
import { StreamCertificateReader } from '../../libs/certificate/reader.js';
import { VersionSeals } from '../../libs/certificate/version-seals.js';
import { WalletCertificate, WalletHolding } from '../../libs/certificate/wallet.entity.js';
import { WalletProjection } from '../../libs/certificate/wallet.projection.js';
import { ProjectedWallet } from '../../libs/certificate/wallet.js';
import { PostgresBlobs } from '../../libs/vault/postgres/blobs.js';
import { Erasures } from '../../libs/subject/erasures.js';
import { PostgresSubjectDirectory } from '../../libs/subject/directory.postgres.js';
import { KeyRing, VaultKeys } from '../../libs/vault/postgres/keys.js';
import { PostgresPapers } from '../../libs/vault/postgres/papers.js';
import { createSubject } from '../../libs/subject/subject.migrations.js';
import { createVault } from '../../libs/vault/vault.migrations.js';
import { PostgresVault } from '../../libs/vault/postgres/vault.js';
import { TestClients } from './authority.js';

class TestCatalogue extends Catalogue {
  constructor(private readonly types: readonly TypeDefinition[]) {
    super();
  }
  matter(): Promise<null> {
    return Promise.resolve(null);
  }
  type(code: string): Promise<TypeDefinition | null> {
    return Promise.resolve(this.types.find((type) => type.code === code) ?? null);
  }
}

class StandingClock extends Clock {
  constructor(public at: Instant) {
    super();
  }
  now(): Instant {
    return this.at;
  }
}

/**
 * The certificate room with the vault, the directory and the store on a database of its own; no
 * HTTP, no Nest.
 */
export async function openCertificateHouse(
  database: { readonly url: string; readonly pool: pg.Pool },
  register: readonly RegisteredClient[],
  types: readonly TypeDefinition[],
  wrapStore: (store: EventStore) => EventStore = (store) => store,
) {
  const { pool, url } = database;
  await createEventStore(pool);
  await createVault(pool);
  await createSubject(pool);
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [WalletCertificate, WalletHolding],
    migrations: certificateMigrations,
    extra: { max: 2 },
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  const secret = () => new KeyRing(randomBytes(32).toString('base64url'));
  const keys = new VaultKeys(secret(), secret());
  const postgres = await PostgresEventStore.open({ pool, city: 'city.example' });
  const store = wrapStore(postgres);
  const clock = new StandingClock('2026-11-22T08:00:00.000Z');
  const [vault, blobs] = [new PostgresVault(pool, keys), new PostgresBlobs(pool)];
  const subjects = new PostgresSubjectDirectory(pool, keys, store);
  const catalogue = new TestCatalogue(types);
  const seals = new VersionSeals(subjects, vault, blobs);
  const desk = new IssuingDesk(new TestClients(register), catalogue);
  const reader = new StreamCertificateReader(store);
  const opener = new VaultDisclosureOpener(vault, seals);
  const papers = new PostgresPapers(pool, keys);
  const paperDesk = new PaperDesk(store, papers, opener);
  const handIn = new HandIn(store, paperDesk, seals, new OtherPapers(pool));
  const projection = new WalletProjection();
  return {
    store,
    clock,
    pool,
    vault,
    subjects,
    blobs,
    papers,
    erasures: new Erasures(pool),
    seals,
    reader,
    opener,
    projection,
    wallet: new ProjectedWallet(pool),
    handIn: new HandInCertificateHandler(desk, handIn),
    change: new ChangeStandingHandler(store),
    batch: new IssueBatchHandler(desk, handIn),
    keepFile: new KeepFileHandler(blobs),
    find: new GetCertificateHandler(store, paperDesk, clock),
    phoneWallet: new GetPhoneWalletHandler(dataSource, reader, opener, catalogue, clock),
    /** Folds everything that was recorded, in pages of `size`, from the start. */
    async project(size = 1000): Promise<void> {
      const client = await pool.connect();
      try {
        await client.query('TRUNCATE wallet_holding, wallet_certificate');
        for (let after = 0n; ;) {
          const page = await store.readAll(after, size);
          const last = page.at(-1);
          if (last === undefined) break;
          after = last.position;
          const mine = projection.partOf(page);
          if (mine.length > 0) await projection.apply(mine, client);
        }
      } finally {
        client.release();
      }
    },
    async close(): Promise<void> {
      await postgres.close();
      await dataSource.destroy();
    },
  };
}
export type CertificateHouse = Awaited<ReturnType<typeof openCertificateHouse>>;
