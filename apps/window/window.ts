import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { identityServices, RemoteJwks } from '#libs/identity/identity.module';
import { type Log, openMetricsDoor, type Settings } from '#libs/platform';
import type { ProjectionRunner } from '#libs/projection/runner';
import { makeApplication } from '../house/application.js';
import { openGround } from '../house/ground.js';
import { WindowModule } from '../house/rooms.js';
import { makeRunner } from '../house/runner.js';
import { Opened } from '../house/running.js';

export interface Window {
  readonly app: NestFastifyApplication;
  readonly runner: ProjectionRunner;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/** Starts the reading side of a city in this process. Any number may run on one database; one of them folds the feed. No key is opened. */
export async function startWindow(settings: Settings, log: Log): Promise<Window> {
  const opened = new Opened();
  try {
    const ground = await openGround(settings, log);
    opened.add(() => ground.close());
    const app = await makeApplication(
      WindowModule.with(
        { ...ground, requestSecret: null },
        identityServices(ground),
        new RemoteJwks(settings.issuerUrl),
      ),
      log,
      { takesCommands: false },
    );
    opened.add(() => app.close());
    const runner = makeRunner(ground, app, opened);
    opened.add(() => runner.stop());
    await runner.start();
    const metrics = await openMetricsDoor(ground.metrics, settings.metrics);
    opened.add(() => metrics.close());
    await app.listen(settings.port, settings.host);
    return { app, runner, metricsUrl: metrics.url, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
