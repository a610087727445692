import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import pg from 'pg';
import { EventStore } from '#libs/event-store';
import { IssuableTypes, OtherDepartments, RegisteredDepartments } from '#libs/identity';
import { CatalogueController } from './catalogue.controller.js';
import { CatalogueImportController } from './catalogue-import.controller.js';
import { CatalogueImport } from './catalogue-import.js';
import { CatalogueTypes } from './catalogue-types.js';
import { ImportCatalogueHandler } from './commands/import-catalogue.js';
import { CatalogueExemption } from './exemptions.entity.js';
import { ExemptionsProjection } from './exemptions.projection.js';
import { CatalogueMatter } from './matters.entity.js';
import {
  MattersForHoldersController,
  PublicMattersController,
} from './matters-for-holders.controller.js';
import { MattersProjection } from './matters.projection.js';
import { Catalogue } from './ports.js';
import { MatterExemptionsHandler } from './queries/exemptions.js';
import { FindMatterHandler } from './queries/matter.js';
import { ShowMatterToHolderHandler } from './queries/matter-for-holders.js';
import { SearchMattersHandler } from './queries/matters.js';
import { CataloguePreviews } from './preview.js';
import { PreviewCatalogueHandler } from './queries/preview.js';
import { ListCatalogueVersionsHandler } from './queries/versions.js';
import { FindTypeHandler, ListTypesHandler } from './queries/types.js';
import { MatterSearch } from './search/matter-search.js';
import { StreamCatalogue } from './catalogue.stream.js';
import { CatalogueType } from './types.entity.js';
import { TypesProjection } from './types.projection.js';

export { CatalogueImport, type ImportReport } from './catalogue-import.js';
export { catalogueMigrations } from './catalogue.migrations.js';
export { MatterExemptionsHandler, MatterExemptionsQuery } from './queries/exemptions.js';
export { SearchMatters, SearchMattersHandler } from './queries/matters.js';
export { MatterSearch } from './search/matter-search.js';
export { StreamCatalogue } from './catalogue.stream.js';

export const catalogueProjections = [TypesProjection, MattersProjection, ExemptionsProjection];
export const catalogueEntities = [CatalogueType, CatalogueMatter, CatalogueExemption];

/** Types, matters and rules as commands ask for them, from the streams themselves. */
@Global()
@Module({
  providers: [
    {
      provide: Catalogue,
      inject: [EventStore],
      useFactory: (store: EventStore) => new StreamCatalogue(store),
    },
    {
      provide: IssuableTypes,
      inject: [Catalogue],
      useFactory: (catalogue: Catalogue) => new CatalogueTypes(catalogue),
    },
    {
      provide: OtherDepartments,
      inject: [pg.Pool],
      useFactory: (pool: pg.Pool): OtherDepartments => ({ names: () => departmentsOf(pool) }),
    },
  ],
  exports: [Catalogue, IssuableTypes, OtherDepartments],
})
class CataloguePortModule {}

/** As the read models have them: what was imported a moment ago may still be missing. */
async function departmentsOf(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ department: string }>(
    'SELECT department FROM catalogue_type UNION SELECT department FROM catalogue_matter',
  );
  return rows.map(({ department }) => department);
}

/** Their import, and the `Catalogue` that commands ask. */
@Module({
  imports: [CqrsModule, CataloguePortModule],
  controllers: [CatalogueImportController],
  providers: [
    {
      provide: CatalogueImport,
      inject: [EventStore, Catalogue, pg.Pool, RegisteredDepartments],
      useFactory: (
        store: EventStore,
        catalogue: Catalogue,
        pool: pg.Pool,
        registered: RegisteredDepartments,
      ) =>
        new CatalogueImport(store, catalogue, async () => [
          ...(await departmentsOf(pool)),
          ...(await registered.names()),
        ]),
    },
    ImportCatalogueHandler,
    {
      provide: CataloguePreviews,
      inject: [EventStore, Catalogue],
      useFactory: (store: EventStore, catalogue: Catalogue) =>
        new CataloguePreviews(store, catalogue),
    },
    PreviewCatalogueHandler,
    ListCatalogueVersionsHandler,
  ],
  exports: [CatalogueImport],
})
export class CatalogueModule {}

/** What windows and holders search and look up. */
@Module({
  imports: [CqrsModule, CataloguePortModule],
  controllers: [CatalogueController, MattersForHoldersController, PublicMattersController],
  providers: [
    FindMatterHandler,
    MatterSearch,
    SearchMattersHandler,
    ListTypesHandler,
    FindTypeHandler,
    MatterExemptionsHandler,
    ShowMatterToHolderHandler,
  ],
})
export class CatalogueReadingModule {}
