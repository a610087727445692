import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/event-store';
import { maxLinesOfPart } from '../parts.js';
import { CatalogueImport, type ImportReport } from '../catalogue-import.js';

/** Takes one catalogue file, or a part of one, into the ledger. */
export class ImportCatalogue extends Command<ImportReport> {
  constructor(
    readonly context: CommandContext,
    readonly content: string,
    readonly lineOffset: number,
  ) {
    super();
  }
}

/**
 * One append for each type or matter: an import is many commands, each whole, so that it can be
 * broken off and sent again.
 */
@CommandHandler(ImportCatalogue)
export class ImportCatalogueHandler implements ICommandHandler<ImportCatalogue> {
  constructor(private readonly imports: CatalogueImport) {}

  execute({ context, content, lineOffset }: ImportCatalogue): Promise<ImportReport> {
    return this.imports.importText(content, context, {
      lineOffset,
      maxLines: maxLinesOfPart,
    });
  }
}
