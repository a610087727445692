import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hash } from 'node:crypto';
import { type CommandContext, EventStore, subContext } from '#libs/event-store';
import { Clock, UnavailableError } from '#libs/kernel';
import type { Erasure } from './erasure.decider.js';
import { ErasureAbsent } from './errors.js';
import { Erasures } from './erasures.js';
import { Vault } from './ports.js';
import { type SubjectState, subjectStream } from './subject.decider.js';
import { onSubject, readSubject } from './subject.stream.js';

/** The record that says so: with the receipt of it, whoever asked can prove the erasure. `hash` is the record's leaf hash in hexadecimal. */
export interface ErasureRecord {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

/** The erasure in a subject's state, whether or not it can still go on. */
export const erasureIn = (state: SubjectState, id: string): Erasure | null =>
  state.status === 'unknown' ? null : (state.erasing.erasures.get(id) ?? null);

const isApproved = (erasure: Erasure | null): boolean =>
  erasure?.status === 'approved' || erasure?.status === 'erased';

/**
 * Carries approved erasures out. The key goes first, for without it nothing else can be opened; the event comes last, so that it is never
 * said of what did not happen. Each step can be taken again: what a crash left half done is finished at the next start, or by whoever
 * sends the approval again.
 */
@Injectable()
export class Eraser implements OnApplicationBootstrap {
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
    await this.vault.destroy(subject);
    await this.erasures.forget(subject);
    await onSubject(this.store, subject, subContext(context, 'erased'), {
      do: 'finish-erasure',
      erasure,
    });
    await this.erasures.done(erasure);
    return this.recordOf(subject);
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

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.resume();
    } catch (error) {
      // A ledger that takes no records now is no reason to show nothing: the next start goes on.
      if (!(error instanceof UnavailableError)) throw error;
    }
  }

  /** Finishes what was approved and not finished; what was withdrawn is looked at no more. */
  async resume(): Promise<void> {
    for (const { erasure, subject } of await this.erasures.open()) {
      const state = await readSubject(this.store, subject);
      const known = erasureIn(state, erasure);
      if (isApproved(known)) await this.carryOut(this.ownContext(erasure), subject, erasure);
      else if (known?.status === 'withdrawn') await this.erasures.done(erasure);
    }
  }

  private ownContext(erasure: string): CommandContext {
    const key = `resume-erasure/${erasure}`;
    return {
      actor: { client: 'city' },
      idempotencyKey: key,
      seed: hash('sha256', key, 'hex'), // no id is derived from it
      now: this.clock.now(),
    };
  }
}
