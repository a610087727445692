import { perform } from '../stage.js';
import { explain } from './door.js';
import { own, registered } from './registered.js';

/** An auditor's program: reads records as they are stored. */
perform(
  {
    ...registered,
    records: ({ stream }: { stream: string }) =>
      own.door().get(`/v1/ledger/streams/${stream}/records`),
  },
  explain,
);
