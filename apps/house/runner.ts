import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Readiness, type Services, unexpected } from '#libs/platform';
import type { Projection } from '#libs/projection';
import { ProjectionRunner } from '#libs/projection/runner';
import { projectionClasses } from '../schema.js';
import { MeasuredProjection } from './measured-projection.js';
import { watchReadModels } from './watching.js';

/** What folds the feed into the read models of an application's process; not started yet. */
export function makeRunner(
  { pool, store, log, metrics, clock }: Services,
  databaseUrl: string,
  app: NestFastifyApplication,
): ProjectionRunner {
  const projections = projectionClasses.map((one) => {
    const projection = app.get<Projection>(one, { strict: false });
    return new MeasuredProjection(projection, metrics);
  });
  const runner = new ProjectionRunner(
    pool,
    store,
    projections,
    {
      folded: (projection, records) => {
        metrics.projectionRecords.inc({ projection }, records);
      },
      failed: (projection, error) => {
        metrics.projectionFailures.inc({ projection });
        log.error({ projection, ...unexpected(error) }, 'projection_failed');
      },
      interrupted: (error) => {
        log.warn(unexpected(error), 'projections_interrupted');
      },
    },
    databaseUrl,
  );
  const names = projections.map(({ name }) => name);
  watchReadModels(metrics, { store, pool, clock, projections: names, dense: true });
  app.get(Readiness).add('projections', () => runner.health());
  return runner;
}
