import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { Pairwise } from '#libs/vault';
import { keyDigits } from '#libs/verify';
import { EnrolmentCodes } from '../enrolment-codes.js';
import { EnrolmentAbsent } from '../subject.errors.js';
import type { Enrolment } from '../subject.decider.js';
import { readSubject } from '../subject.stream.js';
import { TypedCodes } from '../typed-codes.js';

/**
 * An enrolment as the terminal that opened it sees it: what to show to the clerk, and all that its
 * statement names.
 */
export interface EnrolmentView {
  readonly enrolment: string;
  /** Of the digits that are typed; the scanned code works on at 0. */
  readonly typedTriesLeft: number | null;
  readonly state: Enrolment['state'] | 'expired';
  /** The subject's pairwise id for the terminal's department. */
  readonly subject: string;
  /** Thumbprint of the key that a phone offered. */
  readonly jkt: string | null;
  /** Six digits of that key: the phone shows the same. */
  readonly check: string | null;
  readonly expires: Instant;
  readonly confirmBy: Instant | null;
}

export class FindEnrolment extends Query<EnrolmentView> {
  constructor(
    readonly caller: ClientCaller,
    readonly enrolment: string,
  ) {
    super();
  }
}

/** Reads the subject's own stream, because the terminal must see the offered key at once. */
@QueryHandler(FindEnrolment)
export class FindEnrolmentHandler implements IQueryHandler<FindEnrolment> {
  constructor(
    private readonly store: EventStore,
    private readonly codes: EnrolmentCodes,
    private readonly pairwise: Pairwise,
    private readonly clock: Clock,
    private readonly typedCodes: TypedCodes,
  ) {}

  async execute({ caller, enrolment: id }: FindEnrolment): Promise<EnrolmentView> {
    const subject = (await this.codes.byEnrolment(id))?.subject;
    const state = subject === undefined ? null : await readSubject(this.store, subject);
    const enrolment = state && state.status !== 'absent' ? state.enrolments.get(id) : undefined;
    if (subject === undefined || enrolment?.by !== caller.client)
      throw new EnrolmentAbsent('enrolment_absent', 'this terminal opened no such enrolment');
    return {
      enrolment: id,
      typedTriesLeft: await this.typedCodes.triesLeft(id),
      state: stateAt(enrolment, this.clock.now()),
      subject: this.pairwise.of(caller.department, subject),
      jkt: enrolment.state === 'opened' ? null : enrolment.jkt,
      check: enrolment.state === 'opened' ? null : keyDigits('phone', enrolment.jkt),
      expires: enrolment.expires,
      confirmBy: enrolment.state === 'opened' ? null : enrolment.confirmBy,
    };
  }
}

function stateAt(enrolment: Enrolment, now: Instant): EnrolmentView['state'] {
  switch (enrolment.state) {
    case 'opened':
      return enrolment.expires <= now ? 'expired' : 'opened';
    case 'offered':
      return enrolment.confirmBy <= now ? 'expired' : 'offered';
    case 'enrolled':
      return 'enrolled';
  }
}
