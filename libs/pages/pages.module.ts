import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { PublishPagesHandler } from './commands/publish-pages.js';
import { PagesController } from './pages.controller.js';
import { PublishedPages } from './published-pages.js';
import { FindRecordedPagesHandler } from './queries/recorded-pages.js';
import { RecordedPagesController } from './recorded-pages.controller.js';

export { PublishPages } from './commands/publish-pages.js';

/** Serves the pages that the build wrote. */
@Module({})
export class PagesModule {
  /** @param folder where the build wrote them */
  static from(folder: string): DynamicModule {
    return {
      module: PagesModule,
      controllers: [PagesController],
      providers: [{ provide: PublishedPages, useFactory: () => PublishedPages.read(folder) }],
    };
  }
}

/** Records each set of pages in the log, and shows the records. */
@Module({
  imports: [CqrsModule],
  controllers: [RecordedPagesController],
  providers: [PublishPagesHandler, FindRecordedPagesHandler],
})
export class RecordedPagesModule {}
