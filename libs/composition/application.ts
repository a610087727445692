import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessGuard, CommandContexts, refuseForgottenLocks } from '#libs/identity/identity.module';
import { createHttpApplication, type HttpOptions, type Log, Settings } from '#libs/platform';
import { openapiDocument } from './openapi.js';
import { problemCodes } from './problem-codes.js';

interface ApplicationOptions extends Pick<HttpOptions, 'mounted'> {
  /** Whether requests may change anything; otherwise nothing here has a command context. */
  readonly takesCommands?: boolean;
  /** The OpenAPI document to show in place of one of this program's own routes. */
  readonly contract?: string;
}

/**
 * The application of a program whose routes the access guard keeps; not listening yet. It has an
 * OpenAPI document at /openapi.json.
 */
export async function makeApplication(
  module: DynamicModule,
  log: Log,
  { mounted, takesCommands = true, contract }: ApplicationOptions = {},
): Promise<NestFastifyApplication> {
  const app = await createHttpApplication(module, {
    log,
    guards: (made) => [
      takesCommands
        ? made.get(AccessGuard).takingCommands(made.get(CommandContexts))
        : made.get(AccessGuard),
    ],
    guardsOfBodies: (made) => (takesCommands ? [made.get(CommandContexts)] : []),
    ...(mounted === undefined ? {} : { mounted }),
  });
  refuseForgottenLocks(app);
  let document = contract;
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', (_request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(
          (document ??= JSON.stringify(
            openapiDocument(app, app.get(Settings).publicUrl, problemCodes),
          )),
        ),
    );
  await app.init();
  return app;
}
