import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { makeApplication } from '#composition/application';
import { openInfrastructure } from '../../libs/composition/infrastructure.js';
import { WindowModule } from '#composition/rooms';
import { makeRunner } from '#composition/runner';
import { Opened } from '#composition/running';
import type { ProjectionRunner } from '#libs/feed/runner';
import { identityServices, RemoteJwks } from '#libs/identity/identity.module';
import { type Log, openMetricsDoor, type Settings } from '#libs/platform';

export interface Window {
  readonly app: NestFastifyApplication;
  readonly runner: ProjectionRunner;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts the reading side of a city in this process, without opening a key. Any number may run on
 * one database; one of them folds the feed.
 */
export async function startWindow(settings: Settings, log: Log): Promise<Window> {
  const opened = new Opened();
  try {
    const ground = await openInfrastructure(settings, log);
    opened.add(() => ground.close());
    const app = await makeApplication(
      WindowModule.with(ground, identityServices(ground), new RemoteJwks(settings.issuerUrl)),
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
