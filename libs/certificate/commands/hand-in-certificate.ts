import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import {
  CertificateAbsent,
  CertificateConflict,
  CertificateMalformed,
} from '../certificate.errors.js';
import { isCertificateId } from '../certificate.stream.js';
import { HandIn, type Issued } from '../hand-in.js';
import { IssuingDesk } from '../issuing-desk.js';
import type { HandedFile } from '../version-seals.js';

/**
 * An authority submits a version that it signed: the first of a certificate, or, where it names the
 * certificate, one whose signed part names the version that it supersedes. `files` are stored
 * before.
 */
export class HandInCertificate extends Command<Issued> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly certificate: string | null,
    readonly sdJwt: string,
    readonly files: readonly HandedFile[],
  ) {
    super();
  }
}

@CommandHandler(HandInCertificate)
export class HandInCertificateHandler implements ICommandHandler<HandInCertificate> {
  constructor(
    private readonly desk: IssuingDesk,
    private readonly handIn: HandIn,
  ) {}

  async execute({
    context,
    caller,
    certificate,
    sdJwt,
    files,
  }: HandInCertificate): Promise<Issued> {
    if (certificate !== null && !isCertificateId(certificate))
      throw new CertificateAbsent(certificate);
    const desk = await this.desk.open(caller, context.now);
    const checked = await desk.check(sdJwt);
    const { version, supersedes } = checked.read.claims;
    if (certificate === null && version !== 1)
      throw new CertificateConflict('version_not_next', 'a certificate begins with version 1', {
        next: 1,
      });
    if (certificate !== null && supersedes === null)
      throw new CertificateMalformed(
        'claim_wrong',
        'an amendment is signed with the version that it supersedes',
        { claim: 'supersedes' },
      );
    const handed = { context, checked, files, ...(certificate !== null && { certificate }) };
    return this.handIn.one(desk, handed);
  }
}
