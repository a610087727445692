import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessGuard, refuseForgottenLocks } from '#libs/identity/identity.module';
import { createHttpApplication, type HttpOptions, type Log } from '#libs/platform';
import { openapiDocument } from './openapi.js';

/** The application of a program whose routes the access guard keeps; not listening yet. It describes its own routes at /openapi.json. */
export async function makeApplication(
  module: DynamicModule,
  log: Log,
  options: Pick<HttpOptions, 'mounted' | 'takesCommands'> = {},
): Promise<NestFastifyApplication> {
  const app = await createHttpApplication(module, {
    log,
    guards: (made) => [made.get(AccessGuard)],
    ...options,
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
