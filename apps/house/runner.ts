import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Readiness, type Services, unexpected } from '#libs/platform';
import type { Projection } from '#libs/projection';
import { ProjectionRunner } from '#libs/projection/runner';
import { projectionClasses } from '../schema.js';

/** What folds the feed into the read models of an application's process; not started yet. */
export function makeRunner(
  { pool, store, log, metrics }: Services,
  databaseUrl: string,
  app: NestFastifyApplication,
): ProjectionRunner {
  const projections = projectionClasses.map((one) => app.get<Projection>(one, { strict: false }));
  const runner = new ProjectionRunner(
    pool,
    store,
    projections,
    {
      folded: (projection, records) => {
        metrics.projectionRecords.inc({ projection }, records);
      },
      failed: (projection, error) => {
        log.error({ projection, ...unexpected(error) }, 'projection_failed');
      },
      interrupted: (error) => {
        log.warn(unexpected(error), 'projections_interrupted');
      },
    },
    databaseUrl,
  );
  metrics.watchProjections(() => runner.lags());
  app.get(Readiness).add('projections', () => runner.health());
  return runner;
}
