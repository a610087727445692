import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CatalogueImport, type ImportReport } from '#libs/catalogue/catalogue.module';
import { type Clock, UnavailableError } from '#libs/kernel';
import { CommandContexts, type Log, Readiness, unexpected } from '#libs/platform';
import { LedgerReadOnly } from '#libs/sealing';
import type { House } from './house.js';
import type { Opened } from './running.js';

/**
 * What the writing side does besides answering: it seals, is not ready while the log refuses, knows the shipped catalogue, and forgets old
 * idempotency keys.
 * @returns what the import of the shipped catalogue did at this start
 */
export async function beginLedgerWork(
  { sealed, services: { settings, clock, log } }: House,
  app: NestFastifyApplication,
  opened: Opened,
): Promise<readonly ImportReport[]> {
  const { sealer, refusals } = sealed;
  sealer.start();
  app
    .get(Readiness)
    .add('log', () =>
      sealer.alarm === null && refusals.standing === null ? null : 'sealing_refused',
    );
  const contexts = app.get(CommandContexts);
  const forget = () => {
    contexts.forgetOld().catch((error: unknown) => {
      log.warn(unexpected(error), 'idempotency_not_forgotten');
    });
  };
  // At once too: no process has to live an hour.
  forget();
  const forgetting = setInterval(forget, 3_600_000);
  opened.add(() => {
    clearInterval(forgetting);
  });
  return importShipped(app, settings.catalogueDir, clock, log);
}

const mostAttempts = 5;

/**
 * What a city changed since is left as it is. A store that is busy, or away for a moment, is asked again: what was taken of the import is
 * there then, and only the rest is written.
 */
async function importShipped(
  app: NestFastifyApplication,
  folder: string,
  clock: Clock,
  log: Log,
): Promise<readonly ImportReport[]> {
  const key = randomUUID();
  for (let attempt = 1; ; attempt++) {
    try {
      return await app
        .get(CatalogueImport)
        .importFolder(
          folder,
          { actor: { client: 'city' }, idempotencyKey: key, seed: key, now: clock.now() },
          { onlyAbsent: true },
        );
    } catch (error) {
      // A ledger that takes nothing new can still be read: the next start brings what is missing.
      if (error instanceof LedgerReadOnly) {
        log.warn(unexpected(error), 'catalogue_not_imported');
        return [];
      }
      if (!(error instanceof UnavailableError) || attempt === mostAttempts) throw error;
      log.warn({ attempt, ...unexpected(error) }, 'catalogue_import_interrupted');
      await wait(500 * attempt);
    }
  }
}
