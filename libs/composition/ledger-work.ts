import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CatalogueImport, type ImportReport } from '#libs/catalogue/catalogue.module';
import { isRandomName } from '#libs/event-store';
import { CommandContexts } from '#libs/identity/identity.module';
import { type Clock, UnavailableError } from '#libs/kernel';
import { type Log, type NotReady, Readiness, unexpected } from '#libs/platform';
import { LedgerReadOnly, type RefusalPlace, type SealingRefused } from '#libs/sealing';
import { Blobs } from '#libs/vault';
import type { CompositionRoot } from './composition-root.js';
import { PagesPublication } from './published-pages.js';
import type { Opened } from './running.js';

/**
 * What the writing side does besides answering: it seals, is not ready while the log refuses, knows
 * the shipped catalogue, records the pages of its release, and forgets old idempotency keys.
 * @returns what the import of the shipped catalogue did at this start
 */
export async function beginLedgerWork(
  { sealed, services: { settings, clock, log } }: CompositionRoot,
  app: NestFastifyApplication,
  opened: Opened,
): Promise<readonly ImportReport[]> {
  const { sealer, refusals, comparison } = sealed;
  sealer.start();
  app.get(Readiness).add('log', () => {
    if (sealer.alarm !== null) return refusedAt(sealer.alarm.facts);
    if (refusals.refusal !== null) return refusedAt(refusals.refusal.place ?? {});
    const { obstacle } = comparison;
    if (obstacle === null) return null;
    return obstacle.code === 'store_not_compared' ? obstacle.code : 'sealing_refused';
  });
  const contexts = app.get(CommandContexts);
  const blobs = app.get(Blobs);
  const forget = () => {
    contexts.forgetOld().catch((error: unknown) => {
      log.warn(unexpected(error), 'idempotency_not_forgotten');
    });
    blobs.forgetUnnamed().catch((error: unknown) => {
      log.warn(unexpected(error), 'unnamed_files_not_forgotten');
    });
  };
  // At once too: no process has to live an hour.
  forget();
  const forgetting = setInterval(forget, 3_600_000);
  opened.add(() => {
    clearInterval(forgetting);
  });
  const report = await importShipped(app, settings.catalogueDir, clock, log);
  const pages = new PagesPublication(app, clock, log);
  opened.add(() => {
    pages.stop();
  });
  await pages.record();
  return report;
}

function refusedAt({
  stream,
  version,
  position,
}: SealingRefused['facts'] | Partial<RefusalPlace>): string | NotReady {
  const code = 'sealing_refused';
  if (typeof position !== 'string' || typeof version !== 'number') return code;
  // A name that another program chose may contain anything: only operators see it.
  const name = typeof stream === 'string' && isRandomName(stream) ? [`stream ${stream}`] : [];
  return { code, where: [...name, `version ${version}`, `position ${position}`].join(', ') };
}

const maxAttempts = 5;

/**
 * What a city changed since is left as it is. A store that is busy, or away for a moment, is asked
 * again: what was taken of the import is there then, and only the rest is written.
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
      if (!(error instanceof UnavailableError) || attempt === maxAttempts) throw error;
      log.warn({ attempt, ...unexpected(error) }, 'catalogue_import_interrupted');
      await wait(500 * attempt);
    }
  }
}
