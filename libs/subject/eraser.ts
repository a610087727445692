import { Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import { type CommandContext, EventStore, subContext } from '#libs/event-store';
import { Clock, type Instant } from '#libs/kernel';
import { Vault } from '#libs/vault';
import type { Erasure } from './erasure.decider.js';
import { ErasureAbsent } from './subject.errors.js';
import { Erasures } from './erasures.js';
import { type SubjectState, subjectStream } from './subject.decider.js';
import { onSubject, readSubject } from './subject.stream.js';

/**
 * The record of the erasure: with its receipt the requester can prove the erasure. `hash` is the
 * record's leaf hash in hexadecimal.
 */
export interface ErasureRecord {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

/** The erasure in a subject's state, whether or not it can still proceed. */
export const erasureIn = (state: SubjectState, id: string): Erasure | null =>
  state.status === 'absent' ? null : (state.erasing.erasures.get(id) ?? null);

const isApproved = (erasure: Erasure | null): boolean =>
  erasure?.status === 'approved' || erasure?.status === 'erased';

/**
 * Carries out approved erasures: the key first, because nothing else can be opened without it, and
 * the event last, so that it never claims what did not happen. Each step can be repeated: the next
 * run (`ErasureRetryJob`) or a retry of the approval finishes what a crash or an unreachable
 * database interrupted.
 */
@Injectable()
export class Eraser {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Vault,
    private readonly erasures: Erasures,
    private readonly clock: Clock,
  ) {}

  /** @throws ErasureAbsent where the erasure was not approved */
  async carryOut(
    context: CommandContext,
    subject: string,
    erasure: string,
  ): Promise<ErasureRecord | null> {
    const state = await readSubject(this.store, subject);
    if (!isApproved(erasureIn(state, erasure)))
      throw new ErasureAbsent('erasure_absent', 'no such erasure was approved');
    await this.erase(subject);
    await onSubject(this.store, subject, subContext(context, 'erased'), {
      kind: 'finish-erasure',
      erasure,
    });
    // A writer that began before the event may have written a row since, because nothing refused
    // it.
    await this.erasures.forget(subject);
    await this.erasures.done(erasure);
    return this.recordOf(subject);
  }

  /**
   * Destroys and deletes what is kept of a subject, without recording it, for erasures that are
   * recorded already. Repeating it changes nothing.
   */
  async erase(subject: string): Promise<void> {
    await this.vault.destroy(subject);
    await this.erasures.forget(subject);
  }

  /** The record of a subject's erasure; null before it. */
  async recordOf(subject: string): Promise<ErasureRecord | null> {
    const stream = subjectStream(subject);
    const erased = (await this.store.readStream(stream)).findLast(
      ({ body }) => body.type === 'SubjectErased',
    );
    return erased === undefined
      ? null
      : { stream, version: erased.body.version, hash: erased.hash };
  }

  /**
   * Finishes erasures that were approved and not completed, each independently; withdrawn ones are
   * no longer listed.
   * @returns those that failed: when each was approved, and the error
   */
  async resume(): Promise<readonly { readonly since: Instant; readonly error: unknown }[]> {
    const left: { since: Instant; error: unknown }[] = [];
    for (const { erasure, subject } of await this.erasures.open()) {
      const known = erasureIn(await readSubject(this.store, subject), erasure);
      if (known?.status === 'withdrawn') await this.erasures.done(erasure);
      if (!isApproved(known)) continue;
      try {
        await this.carryOut(this.ownContext(erasure), subject, erasure);
      } catch (error) {
        left.push({ since: await this.approvedAt(subject, erasure), error });
      }
    }
    return left;
  }

  private async approvedAt(subject: string, erasure: string): Promise<Instant> {
    const records = await this.store.readStream(subjectStream(subject));
    const approved = records.find(
      ({ body }) => body.type === 'ErasureApproved' && body.data['erasure'] === erasure,
    );
    return approved?.body.time ?? this.clock.now();
  }

  private ownContext(erasure: string): CommandContext {
    const key = `resume-erasure/${erasure}`;
    return {
      actor: { client: 'city' },
      idempotencyKey: key,
      seed: hash('sha256', key, 'hex'), // nothing is derived from it
      now: this.clock.now(),
    };
  }
}
