import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { CatalogueImport, type ImportReport } from '#libs/catalogue/catalogue.module';
import {
  AccessGuard,
  type JwksSource,
  LocalJwks,
  mountIdentity,
  refuseForgottenLocks,
  RemoteJwks,
} from '#libs/identity/identity.module';
import {
  CommandContexts,
  createHttpApplication,
  type Log,
  Readiness,
  type Settings,
  unexpected,
} from '#libs/platform';
import type { ProjectionRunner } from '#libs/projection/runner';
import { CityModule } from './city.module.js';
import { type House, type HouseOptions, openHouse } from '../house/house.js';
import { openapiDocument } from '../house/openapi.js';
import { makeRunner } from '../house/runner.js';

export interface City {
  readonly app: NestFastifyApplication;
  readonly house: House;
  readonly runner: ProjectionRunner;
  /** What the import of the shipped catalogue did at this start. */
  readonly catalogue: readonly ImportReport[];
  /** Stops listening, lets requests under way finish, then closes everything behind them. */
  stop(): Promise<void>;
}

/** Starts everything in this process, and returns when requests are answered. */
export async function startCity(
  settings: Settings,
  log: Log,
  options: HouseOptions = {},
): Promise<City> {
  const house = await openHouse(settings, log, options);
  const opened: (() => Promise<unknown>)[] = [() => house.close()];
  const stop = async () => {
    for (const close of opened.reverse().splice(0)) await close();
  };
  try {
    const app = await makeApplication(house);
    opened.push(() => app.close());
    house.sealed.sealer.start();
    app.get(Readiness).add('log', () => {
      const { sealer, refusals } = house.sealed;
      return sealer.alarm === null && refusals.standing === null ? null : 'sealing_refused';
    });
    const catalogue = await importCatalogue(house, app);
    const runner = makeRunner(house.services, house.databaseUrl, app);
    opened.push(() => runner.stop());
    await runner.start();
    const forgetting = setInterval(() => void forget(app, log), 3_600_000);
    opened.push(() => {
      clearInterval(forgetting);
      return Promise.resolve();
    });
    await app.listen(settings.port, settings.host);
    return { app, house, runner, catalogue, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The application of a city, not listening yet. */
export async function makeApplication(house: House): Promise<NestFastifyApplication> {
  const { services, identity, keys } = house;
  const { settings, log, clock } = services;
  const own = settings.issuerUrl === `${settings.publicUrl}/identity`;
  const mounted = mountIdentity({
    issuer: settings.issuerUrl,
    audience: settings.publicUrl,
    signingKeys: keys.identity,
    clock,
    clients: identity.clients,
    replays: identity.replays,
    admit: (client) => identity.rates.count(client),
    onFault: (error) => {
      log.error(unexpected(error), 'identity_fault');
    },
  });
  const accessKeys: JwksSource = own
    ? new LocalJwks(mounted.jwks)
    : new RemoteJwks(settings.issuerUrl);
  const app = await createHttpApplication(CityModule.with(house, accessKeys), {
    log,
    guards: (made) => [made.get(AccessGuard)],
    mounted: own ? [{ prefix: '/identity', handler: mounted.handler }] : [],
  });
  refuseForgottenLocks(app);
  let document: string | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', (_request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send((document ??= JSON.stringify(openapiDocument(app)))),
    );
  await app.init();
  return app;
}

/** The shipped catalogue, where it is not there yet: what a city changed since is left as it is. */
function importCatalogue(house: House, app: NestFastifyApplication): Promise<ImportReport[]> {
  const { settings, clock } = house.services;
  const key = randomUUID();
  return app
    .get(CatalogueImport)
    .importFolder(
      settings.catalogueDir,
      { actor: { client: 'city' }, idempotencyKey: key, seed: key, now: clock.now() },
      { onlyAbsent: true },
    );
}

async function forget(app: NestFastifyApplication, log: Log): Promise<void> {
  try {
    await app.get(CommandContexts).forgetOld();
  } catch (error) {
    log.warn(unexpected(error), 'idempotency_not_forgotten');
  }
}
