import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import {
  type CertificateCommand,
  certificateDecider,
  type CertificateState,
} from '../certificate.decider.js';
import { CertificateAbsent, IssuerRefused } from '../certificate.errors.js';
import { authorityOf } from '../issuing-desk.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import { certificateRules, certificateStream, isCertificateId } from '../certificate.stream.js';

type Changing = Extract<
  CertificateCommand,
  { readonly kind: 'suspend' | 'reinstate' | 'revoke' | 'cancel' }
>;
/** What the authority does to its certificate, and its reason code. */
export type StandingChange = Changing extends infer C
  ? C extends Changing
    ? Pick<C, 'kind' | 'reason'>
    : never
  : never;

export interface Changed extends Outcome {
  readonly certificate: string;
  readonly status: Exclude<CertificateState['status'], 'absent'>;
}

/** An authority suspends, reinstates, revokes or cancels a certificate of its own. */
export class ChangeStanding extends Command<Changed> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly certificate: string,
    readonly change: StandingChange,
  ) {
    super();
  }
}

@CommandHandler(ChangeStanding)
export class ChangeStandingHandler implements ICommandHandler<ChangeStanding> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, certificate, change }: ChangeStanding): Promise<Changed> {
    const authority = authorityOf(caller);
    if (!isCertificateId(certificate)) throw new CertificateAbsent(certificate);
    const stream = certificateStream(certificate);
    const done = await execute(this.store, stream, context, certificateRules, (state) => {
      const events = certificateDecider.decide(
        { ...change, certificate, authority: authority.creditCode },
        state,
      );
      if (state.status !== 'absent' && !authority.types.includes(state.type))
        throw new IssuerRefused(
          'type_not_of_authority',
          'the authority does not issue certificates of this type any more',
          { authority: authority.creditCode },
        );
      return events;
    });
    // A repeated command is told what it led to, whatever became of that since.
    const { status } = done.events.reduce(
      (state, event) => certificateDecider.evolve(state, event),
      done.state,
    );
    if (status === 'absent') throw new CertificateAbsent(certificate);
    return {
      certificate,
      status,
      ...(await outcomeOf(this.store, stream, done)),
    };
  }
}
