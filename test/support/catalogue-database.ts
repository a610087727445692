import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { spreadOverPlaces } from '#libs/catalogue';
import {
  catalogueEntities,
  CatalogueImport,
  catalogueMigrations,
  catalogueProjections,
  StreamCatalogue,
} from '#libs/catalogue/catalogue.module';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import type { Projection } from '#libs/feed';
import { catalogueFolder, importing } from './catalogue.js';

/**
 * The catalogue on a database of its own, folded into its read models on demand: for tests and
 * measurements without the rest of a city.
 */
export class CatalogueDatabase {
  readonly catalogue: StreamCatalogue;
  readonly imports: CatalogueImport;
  readonly projections = catalogueProjections.map((made): Projection => new made());
  #folded = 0n;

  /** @param url an empty database */
  static async open(url: string): Promise<CatalogueDatabase> {
    const pool = new pg.Pool({ connectionString: url });
    // A test or a measurement that lost its database fails by what it asked for.
    pool.on('error', () => undefined);
    await createEventStore(pool);
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      migrations: catalogueMigrations,
      entities: catalogueEntities,
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    const store = await PostgresEventStore.open({ city: 'city.example', pool });
    return new CatalogueDatabase(pool, dataSource, store);
  }

  private constructor(
    readonly pool: pg.Pool,
    readonly dataSource: DataSource,
    readonly store: PostgresEventStore,
  ) {
    this.catalogue = new StreamCatalogue(store);
    this.imports = new CatalogueImport(store, this.catalogue);
  }

  /**
   * The tables that ship with the program; with `places`, its matters over a district's places as
   * well.
   */
  async fill(places = false): Promise<void> {
    await this.imports.importFolder(catalogueFolder.pathname, importing());
    if (places) {
      const matters = await readFile(new URL('matters.tsv', catalogueFolder), 'utf8');
      await this.imports.importText(spreadOverPlaces(matters), importing());
    }
    await this.fold();
  }

  /** Folds what is new into every read model, in pages of the given size. */
  async fold(pageSize = 4000): Promise<void> {
    const client = await this.pool.connect();
    try {
      for (;;) {
        const page = await this.store.readAll(this.#folded, pageSize);
        const last = page.at(-1);
        if (last === undefined) return;
        for (const projection of this.projections)
          await projection.apply(projection.partOf(page), client);
        this.#folded = last.position;
      }
    } finally {
      client.release();
    }
  }

  /** Empties the read models: the next `fold` begins with the first record. */
  async empty(): Promise<void> {
    for (const table of this.projections.flatMap(({ tables }) => tables))
      await this.pool.query(`TRUNCATE ${table}`);
    this.#folded = 0n;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.dataSource.destroy();
    await this.pool.end();
  }
}
