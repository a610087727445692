import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RemoteJwks } from '#libs/identity/identity.module';
import { type Log, openMetricsDoor, type Settings } from '#libs/platform';
import { makeApplication } from '../house/application.js';
import { openGround } from '../house/ground.js';
import { type House, openHouse } from '../house/house.js';
import { beginLedgerWork } from '../house/ledger-work.js';
import { LedgerModule } from '../house/rooms.js';
import { Opened } from '../house/running.js';

export interface Ledger {
  readonly app: NestFastifyApplication;
  readonly house: House;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/** Starts the writing side of a city in this process. Any number may run on one database; one of them seals. */
export async function startLedger(settings: Settings, log: Log): Promise<Ledger> {
  const opened = new Opened();
  try {
    const ground = await openGround(settings, log);
    opened.add(() => ground.close());
    const house = await openHouse(ground);
    opened.add(() => house.close());
    const app = await makeApplication(
      LedgerModule.with(house, new RemoteJwks(settings.issuerUrl)),
      log,
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
