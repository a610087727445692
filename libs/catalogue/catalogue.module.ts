import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { CatalogueController } from './catalogue.controller.js';
import { CatalogueImportController } from './catalogue-import.controller.js';
import { CatalogueImport } from './catalogue-import.js';
import { ImportCatalogueHandler } from './commands/import-catalogue.js';
import { CatalogueExemption } from './exemptions.entity.js';
import { ExemptionsProjection } from './exemptions.projection.js';
import { CatalogueMatter } from './matters.entity.js';
import { MattersProjection } from './matters.projection.js';
import { Catalogue } from './ports.js';
import { MatterExemptionsHandler } from './queries/exemptions.js';
import { FindMatterHandler } from './queries/matter.js';
import { SearchMattersHandler } from './queries/matters.js';
import { FindTypeHandler, ListTypesHandler } from './queries/types.js';
import { StreamCatalogue } from './stream-catalogue.js';
import { CatalogueType } from './types.entity.js';
import { TypesProjection } from './types.projection.js';

export { CatalogueImport, type ImportReport } from './catalogue-import.js';
export { catalogueMigrations } from './catalogue.migrations.js';
export { MatterExemptionsHandler, MatterExemptionsQuery } from './queries/exemptions.js';
export { SearchMatters, SearchMattersHandler } from './queries/matters.js';
export { StreamCatalogue } from './stream-catalogue.js';

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
  ],
  exports: [Catalogue],
})
class CataloguePortModule {}

/** Their import, and the `Catalogue` that commands ask. */
@Module({
  imports: [CqrsModule, CataloguePortModule],
  controllers: [CatalogueImportController],
  providers: [
    {
      provide: CatalogueImport,
      inject: [EventStore, Catalogue],
      useFactory: (store: EventStore, catalogue: Catalogue) =>
        new CatalogueImport(store, catalogue),
    },
    ImportCatalogueHandler,
  ],
  exports: [CatalogueImport],
})
export class CatalogueModule {}

/** What windows search and look up. */
@Module({
  imports: [CqrsModule, CataloguePortModule],
  controllers: [CatalogueController],
  providers: [
    FindMatterHandler,
    SearchMattersHandler,
    ListTypesHandler,
    FindTypeHandler,
    MatterExemptionsHandler,
  ],
})
export class CatalogueReadingModule {}
