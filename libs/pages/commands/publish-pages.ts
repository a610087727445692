import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import { type PagesSet, pagesStream } from '#libs/verify';
import { pagesRules } from '../pages.stream.js';

/** The set that this release serves is recorded, unless it is the last one that was. */
export class PublishPages extends Command<{
  /** Whether a record was appended. */
  readonly isNew: boolean;
}> {
  constructor(
    readonly context: CommandContext,
    readonly pages: PagesSet,
  ) {
    super();
  }
}

@CommandHandler(PublishPages)
export class PublishPagesHandler implements ICommandHandler<PublishPages> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, pages: { set, productVersion, files } }: PublishPages) {
    const { records } = await execute(this.store, pagesStream, context, pagesRules, (state) =>
      pagesRules.decide({ kind: 'publish-pages', set, productVersion, files }, state),
    );
    return { isNew: records.length > 0 };
  }
}
