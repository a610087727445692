import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { utf8Text } from '#libs/kernel';
import type { RecordName } from '#libs/sealing';
import { LogReceipts } from '#libs/sealing/sealing.module';
import { pagesIn, type PagesSet, pagesStream } from '#libs/verify';
import { PagesNotRecorded } from '../pages.errors.js';
import { readPublishedSets } from '../pages.stream.js';

/** A published set with all that shows it to be in the log. */
export interface RecordedPages extends PagesSet {
  readonly record: RecordName & { readonly bytes: string };
  /** The text of a C2SP tlog-proof. */
  readonly receipt: string;
}

/** A published set by its name, the latest where no name is given. */
export class FindRecordedPages extends Query<RecordedPages> {
  constructor(readonly set: string | null) {
    super();
  }
}

@QueryHandler(FindRecordedPages)
export class FindRecordedPagesHandler implements IQueryHandler<FindRecordedPages> {
  constructor(
    private readonly store: EventStore,
    private readonly receipts: LogReceipts,
  ) {}

  /** @throws PagesNotRecorded; SealPending where its record is not under a checkpoint yet */
  async execute({ set }: FindRecordedPages): Promise<RecordedPages> {
    const state = await readPublishedSets(this.store);
    const sets = state.status === 'published' ? state.sets : [];
    // Its stream has no other events: a set's place among them is its version.
    const version = set === null ? sets.length - 1 : sets.lastIndexOf(set);
    const [found] = version < 0 ? [] : await this.store.readStream(pagesStream, version, 1);
    if (found === undefined)
      throw new PagesNotRecorded(
        'pages_not_recorded',
        'the log has no record of such a set of pages',
        set === null ? {} : { set },
      );
    const record = { stream: pagesStream, version, hash: found.hash };
    const receipt = await this.receipts.of(record);
    return {
      ...pagesIn(found.body),
      record: { ...record, bytes: utf8Text(found.bytes) },
      receipt,
    };
  }
}
