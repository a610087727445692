import { type DynamicModule, Module } from '@nestjs/common';
import { PagesController } from './pages.controller.js';
import { PublishedPages } from './published-pages.js';

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
