import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { certificateDecider } from '../certificate.decider.js';
import type { IdentifierFlag } from '../identifier.js';
import { IssuingDesk } from '../issuing-desk.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import { certificateIdOf } from '../sd-jwt.js';
import { certificateRules, certificateStream } from '../stream.js';
import { type HandedFile, VersionSeals } from '../version-seals.js';

/** A certificate in the ledger. `unchanged` where the same signed part had been handed in before, under whatever Idempotency-Key. */
export interface Issued extends Outcome {
  readonly certificate: string;
  readonly type: string;
  readonly version: number;
  readonly flags: readonly IdentifierFlag[];
}

/** An authority hands in the first version of a certificate that it signed. `files` are those that it stored before. */
export class IssueCertificate extends Command<Issued> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly sdJwt: string,
    readonly files: readonly HandedFile[],
  ) {
    super();
  }
}

@CommandHandler(IssueCertificate)
export class IssueCertificateHandler implements ICommandHandler<IssueCertificate> {
  constructor(
    private readonly store: EventStore,
    private readonly desk: IssuingDesk,
    private readonly seals: VersionSeals,
  ) {}

  async execute({ context, caller, sdJwt, files }: IssueCertificate): Promise<Issued> {
    const desk = await this.desk.open(caller);
    const checked = await desk.check(sdJwt);
    const { type, version: number } = checked.read.claims;
    const certificate = certificateIdOf(checked.read.signed);
    const version = await this.seals.seal(context, { certificate, checked, files });
    const done = await execute(
      this.store,
      certificateStream(certificate),
      context,
      certificateRules,
      (state) =>
        certificateDecider.decide(
          {
            kind: 'issue',
            certificate,
            type,
            authority: desk.authority.creditCode,
            version,
          },
          state,
        ),
    );
    return {
      certificate,
      type,
      version: number,
      flags: checked.content.flags,
      ...(await outcomeOf(this.store, certificateStream(certificate), done)),
    };
  }
}
