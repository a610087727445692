import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProjectionRunner } from '#libs/feed/runner';
import { Readiness, unexpected } from '#libs/platform';
import { projectionClasses } from './schema.js';
import type { Infrastructure } from './infrastructure.js';
import { countExpired } from './expired-consents.js';
import { MeasuredProjection } from './measured-projection.js';
import type { Opened } from './running.js';
import { watchReadModels } from './watching.js';

/** What folds the feed into the read models of an application's process; not started yet. */
export function makeRunner(
  { settings, pool, store, log, metrics, clock, databaseUrl }: Infrastructure,
  app: NestFastifyApplication,
  opened: Opened,
): ProjectionRunner {
  const projections = projectionClasses.map((one) => new MeasuredProjection(new one(), metrics));
  const runner = new ProjectionRunner(
    pool,
    store,
    projections,
    {
      folded: (projection, records) => {
        metrics.projectionRecords.inc({ projection }, records);
      },
      wroteAtOnce: (together, seconds) => {
        for (const projection of together)
          metrics.projectionSeconds.observe({ projection }, seconds);
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
  const dense = settings.eventStoreUrl === undefined;
  const names = projections.map(({ name }) => name);
  watchReadModels(metrics, {
    store,
    pool,
    clock,
    projections: names,
    dense,
    folding: () => runner.folding,
  });
  opened.add(countExpired({ pool, clock, metrics, folding: () => runner.folding }));
  app.get(Readiness).add('projections', () => runner.health());
  return runner;
}
