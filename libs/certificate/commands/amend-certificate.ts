import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { certificateDecider } from '../certificate.decider.js';
import { CertificateAbsent, CertificateMalformed } from '../certificate.errors.js';
import { IssuingDesk } from '../issuing-desk.js';
import { outcomeOf } from '../outcome.js';
import { signedDigest } from '../sd-jwt.js';
import { certificateRules, certificateStream, isCertificateId } from '../stream.js';
import { type HandedFile, VersionSeals } from '../version-seals.js';
import type { Issued } from './issue-certificate.js';

/** An authority hands in a new version, whose signed part names the version that it supersedes, and why. */
export class AmendCertificate extends Command<Issued> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly certificate: string,
    readonly sdJwt: string,
    readonly files: readonly HandedFile[],
  ) {
    super();
  }
}

@CommandHandler(AmendCertificate)
export class AmendCertificateHandler implements ICommandHandler<AmendCertificate> {
  constructor(
    private readonly store: EventStore,
    private readonly desk: IssuingDesk,
    private readonly seals: VersionSeals,
  ) {}

  async execute({ context, caller, certificate, sdJwt, files }: AmendCertificate): Promise<Issued> {
    if (!isCertificateId(certificate)) throw new CertificateAbsent(certificate);
    const desk = await this.desk.open(caller);
    const checked = await desk.check(sdJwt);
    const { type, version: number, supersedes } = checked.read.claims;
    if (supersedes === null)
      throw new CertificateMalformed(
        'claim_wrong',
        'an amendment is signed with the version that it supersedes',
        { claim: 'supersedes' },
      );
    const version = await this.seals.seal(context, { certificate, checked, files });
    const done = await execute(
      this.store,
      certificateStream(certificate),
      context,
      certificateRules,
      (state) =>
        certificateDecider.decide(
          {
            kind: 'amend',
            certificate,
            type,
            authority: desk.authority.creditCode,
            reason: supersedes.reason,
            superseded: supersedes.digest,
            digestOf: signedDigest,
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
