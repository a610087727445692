import { StoreDamaged } from '#libs/event-store';
import type { Jwk } from '#libs/identity';
import { ConflictError } from '#libs/kernel';
import { type Log, unexpected } from '#libs/platform';
import { LedgerReadOnly } from '#libs/sealing';

/** An administrator whose public key is in a file of the machine. */
export interface FileAdministrator {
  readonly client: string;
  readonly name: string;
  readonly jwk: Jwk;
}

/** Streams in which clients are registered. */
export const isOfClient = (stream: string): boolean => stream.startsWith('client-');

/** Pause before a key that could not be admitted is tried again, in milliseconds. */
const pauseMs = 5000;

/**
 * Admits administrators by their key files. A read-only or partly damaged ledger can still be read,
 * and does not prevent a start: a failed admission is logged, and retried until it succeeds.
 */
export class Admissions {
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  /** @param admission returns the id of the client that has the key */
  constructor(
    private readonly log: Log,
    private readonly admission: (administrator: FileAdministrator) => Promise<string>,
  ) {}

  /** @throws what has to do with something else than the ledger's state */
  async admit(administrator: FileAdministrator): Promise<void> {
    const { client } = administrator;
    try {
      const as = await this.admission(administrator);
      if (as !== client) this.log.warn({ client: as }, 'administrator_under_other_id');
    } catch (error) {
      // A wrong key file is no reason to stop a whole city: the administrator stays as it was.
      if (error instanceof ConflictError) {
        this.log.error({ code: error.code, client }, 'administrator_not_admitted');
        return;
      }
      if (!(error instanceof LedgerReadOnly || error instanceof StoreDamaged)) throw error;
      this.log.warn({ client, ...unexpected(error) }, 'administrator_not_admitted');
      this.#later(administrator);
    }
  }

  #later(administrator: FileAdministrator): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.admit(administrator).catch((error: unknown) => {
        this.log.warn(unexpected(error), 'administrator_not_admitted');
        this.#later(administrator);
      });
    }, pauseMs);
    timer.unref();
    this.#timers.add(timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
