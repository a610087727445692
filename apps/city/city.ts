import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { makeApplication } from '#composition/application';
import { openInfrastructure } from '../../libs/composition/infrastructure.js';
import {
  type CompositionRoot,
  type CompositionOptions,
  openCompositionRoot,
} from '../../libs/composition/composition-root.js';
import { openIssuer } from '#composition/issuer';
import { beginLedgerWork } from '#composition/ledger-work';
import { CityModule } from '#composition/rooms';
import { makeRunner } from '#composition/runner';
import { Opened } from '#composition/running';
import type { ImportReport } from '#libs/catalogue/catalogue.module';
import { roomToRun } from '#libs/embedded-postgres';
import type { ProjectionRunner } from '#libs/feed/runner';
import { LocalJwks, RemoteJwks } from '#libs/identity/identity.module';
import { diskHasRoom, type Log, openMetricsDoor, Readiness, type Settings } from '#libs/platform';

export interface City {
  readonly app: NestFastifyApplication;
  readonly house: CompositionRoot;
  readonly runner: ProjectionRunner;
  /** What the import of the shipped catalogue did at this start. */
  readonly catalogue: readonly ImportReport[];
  /** Where Prometheus reads. */
  readonly metricsUrl: string;
  /** Stops listening, lets requests under way finish, then closes everything behind them. */
  stop(): Promise<void>;
}

/** Starts everything in this process, and returns when requests are answered. */
export async function startCity(
  settings: Settings,
  log: Log,
  options: CompositionOptions = {},
): Promise<City> {
  const opened = new Opened();
  try {
    const ground = await openInfrastructure(settings, log);
    opened.add(() => ground.close());
    const house = await openCompositionRoot(ground, options);
    opened.add(() => house.close());
    const app = await openDoors(house);
    opened.add(() => app.close());
    if (ground.embedded)
      app.get(Readiness).add('disk', diskHasRoom(join(settings.dataDir, 'postgres'), roomToRun));
    const catalogue = await beginLedgerWork(house, app, opened);
    const runner = makeRunner(ground, app, opened);
    opened.add(() => runner.stop());
    await runner.start();
    const metrics = await openMetricsDoor(ground.metrics, settings.metrics);
    opened.add(() => metrics.close());
    await app.listen(settings.port, settings.host);
    const stop = () => opened.close();
    return { app, house, runner, catalogue, metricsUrl: metrics.url, stop };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The routes, and below them the issuer of access tokens, unless another one was named. */
async function openDoors(house: CompositionRoot): Promise<NestFastifyApplication> {
  const { settings, log } = house.infrastructure;
  if (settings.issuerUrl !== `${settings.publicUrl}/identity`)
    return makeApplication(CityModule.with(house, new RemoteJwks(settings.issuerUrl)), log);
  const issuer = await openIssuer(house.infrastructure, house.identity);
  return makeApplication(CityModule.with(house, new LocalJwks(issuer.jwks)), log, {
    mounted: [{ prefix: '/identity', handler: issuer.handler, paths: issuer.paths }],
  });
}
