import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ImportReport } from '#libs/catalogue/catalogue.module';
import { LocalJwks, RemoteJwks } from '#libs/identity/identity.module';
import { type Log, openMetricsDoor, type Settings } from '#libs/platform';
import type { ProjectionRunner } from '#libs/projection/runner';
import { makeApplication } from '../house/application.js';
import { openGround } from '../house/ground.js';
import { type House, type HouseOptions, openHouse } from '../house/house.js';
import { openIssuer } from '../house/issuer.js';
import { beginLedgerWork } from '../house/ledger-work.js';
import { CityModule } from '../house/rooms.js';
import { makeRunner } from '../house/runner.js';
import { Opened } from '../house/running.js';

export interface City {
  readonly app: NestFastifyApplication;
  readonly house: House;
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
  options: HouseOptions = {},
): Promise<City> {
  const opened = new Opened();
  try {
    const ground = await openGround(settings, log);
    opened.add(() => ground.close());
    const house = await openHouse(ground, options);
    opened.add(() => house.close());
    const app = await openDoors(house);
    opened.add(() => app.close());
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
async function openDoors(house: House): Promise<NestFastifyApplication> {
  const { settings, log } = house.ground;
  if (settings.issuerUrl !== `${settings.publicUrl}/identity`)
    return makeApplication(CityModule.with(house, new RemoteJwks(settings.issuerUrl)), log);
  const issuer = await openIssuer(house.ground, house.identity);
  return makeApplication(CityModule.with(house, new LocalJwks(issuer.jwks)), log, {
    mounted: [{ prefix: '/identity', handler: issuer.handler, paths: issuer.paths }],
  });
}
