import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { makeApplication } from '#composition/application';
import { cityContract } from '#composition/city-contract';
import { openInfrastructure } from '../../libs/composition/infrastructure.js';
import {
  type CompositionRoot,
  openCompositionRoot,
} from '../../libs/composition/composition-root.js';
import { beginLedgerWork } from '#composition/ledger-work';
import { LedgerModule } from '#composition/rooms';
import { Opened } from '#composition/running';
import { RemoteJwks } from '#libs/identity/identity.module';
import { type Log, openMetricsDoor, type Settings } from '#libs/platform';

export interface Ledger {
  readonly app: NestFastifyApplication;
  readonly house: CompositionRoot;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts the writing side of a city in this process. Any number may run on one database; one of
 * them seals.
 */
export async function startLedger(settings: Settings, log: Log): Promise<Ledger> {
  const opened = new Opened();
  try {
    const ground = await openInfrastructure(settings, log);
    opened.add(() => ground.close());
    const house = await openCompositionRoot(ground);
    opened.add(() => house.close());
    const app = await makeApplication(
      LedgerModule.with(house, new RemoteJwks(settings.issuerUrl)),
      log,
      { contract: await cityContract() },
    );
    opened.add(() => app.close());
    await beginLedgerWork(house, app, opened);
    const metrics = await openMetricsDoor(ground.metrics, settings.metrics);
    opened.add(() => metrics.close());
    await app.listen(settings.port, settings.host);
    return { app, house, metricsUrl: metrics.url, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
