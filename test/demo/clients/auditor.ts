import { perform } from '../stage.js';
import { explain, told } from './door.js';
import { own, registered } from './registered.js';

/** An auditor's program: reads records as they are stored. */
perform(
  {
    ...registered,
    records: ({ stream }: { stream: string }) =>
      told(own.api().GET('/v1/ledger/streams/{stream}/records', { params: { path: { stream } } })),
  },
  explain,
);
