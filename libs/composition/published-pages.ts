import { randomBytes, randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { theCity } from '#libs/identity';
import type { Clock } from '#libs/kernel';
import { builtPages, namedPages } from '#libs/pages';
import { PublishPages } from '#libs/pages/pages.module';
import { type Log, unexpected } from '#libs/platform';
import { productVersion } from './product-version.js';

/** Pause before a set that could not be recorded is tried again, in milliseconds. */
const pauseMs = 5000;

/**
 * Records the set of pages of this release, by the ledger's own copy of it. A ledger that takes
 * nothing new can still be read, and a set without a record is a set that phones do not take: a
 * failure stops no start, and is retried until it succeeds.
 */
export class PagesPublication {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param folder where the build wrote the pages */
  constructor(
    private readonly app: NestFastifyApplication,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly folder = builtPages,
  ) {}

  async record(): Promise<void> {
    try {
      const pages = { ...(await namedPages(this.folder)), productVersion: await productVersion() };
      const context = {
        actor: { client: theCity },
        // No set is recorded twice in a row, whatever the key: the same set may come again later.
        idempotencyKey: randomUUID(),
        seed: randomBytes(32).toString('hex'),
        now: this.clock.now(),
      };
      const { isNew } = await this.app.get(CommandBus).execute(new PublishPages(context, pages));
      if (isNew) this.log.info({ set: pages.set }, 'pages_recorded');
    } catch (error) {
      this.log.warn(unexpected(error), 'pages_not_recorded');
      this.#later();
    }
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.record(), pauseMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
