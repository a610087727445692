import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { maxLinesOfPart } from '../parts.js';
import { type CataloguePreview, CataloguePreviews } from '../preview.js';

/** What importing a file, or a part of one, would change. */
export class PreviewCatalogue extends Query<CataloguePreview> {
  constructor(
    readonly content: string,
    readonly lineOffset: number,
  ) {
    super();
  }
}

@QueryHandler(PreviewCatalogue)
export class PreviewCatalogueHandler implements IQueryHandler<PreviewCatalogue> {
  constructor(private readonly previews: CataloguePreviews) {}

  execute({ content, lineOffset }: PreviewCatalogue): Promise<CataloguePreview> {
    return this.previews.of(content, { lineOffset, maxLines: maxLinesOfPart });
  }
}
