import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openInfrastructure } from '../../libs/composition/infrastructure.js';
import { openIssuer } from '#composition/issuer';
import { needsOfService, run } from '#composition/program';
import { Opened } from '#composition/running';
import { identityServices } from '#libs/identity/identity.module';
import {
  createHttpApplication,
  type Log,
  openMetricsDoor,
  PlatformModule,
  type Settings,
} from '#libs/platform';

/** Health alone: everything else is the issuer's own. */
@Module({})
class IssuerModule {}

interface Issuer {
  readonly app: NestFastifyApplication;
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/**
 * The issuer of access tokens on its own, on the ledger's database, because clients are streams; it
 * publishes itself as `ISSUER_URL`, and its tokens are for `PUBLIC_URL`. The one key that it opens
 * is `identity.jwks`, which all issuers of a city share.
 */
async function startIssuer(settings: Settings, log: Log): Promise<Issuer> {
  const opened = new Opened();
  try {
    const ground = await openInfrastructure(settings, log);
    opened.add(() => ground.close());
    const services = identityServices(ground);
    const { handler, paths } = await openIssuer(ground, services);
    services.replays.startForgetting();
    opened.add(() => {
      services.replays.stopForgetting();
    });
    const { pathname } = new URL(settings.issuerUrl);
    const below = pathname === '/' ? ['/token', '/jwks', '/.well-known'] : [pathname];
    const platform = PlatformModule.with(ground);
    const app = await createHttpApplication(
      { module: IssuerModule, imports: [CqrsModule.forRoot(), platform] },
      {
        log,
        guards: () => [],
        mounted: below.map((prefix) => ({ prefix, handler, paths })),
      },
    );
    opened.add(() => app.close());
    await app.init();
    const metrics = await openMetricsDoor(ground.metrics, settings.metrics);
    opened.add(() => metrics.close());
    await app.listen(settings.port, settings.host);
    return { app, metricsUrl: metrics.url, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

await run({
  name: 'identity',
  needs: needsOfService,
  start: startIssuer,
  words: ({ metricsUrl }, settings) => [
    `The issuer ${settings.issuerUrl} listens on ${settings.host}:${settings.port}; its tokens are for ${settings.publicUrl}.`,
    `  metrics     ${metricsUrl}`,
  ],
});
