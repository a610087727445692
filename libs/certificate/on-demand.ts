import { Injectable } from '@nestjs/common';
import { type CommandContext, subContext } from '#libs/event-store';
import { ClientDirectory } from '#libs/identity';
import { type Instant, plusSeconds, shanghaiTime } from '#libs/kernel';
import { bookOf, type Identifier, identifierKey } from '#libs/subject';
import { CertificateMalformed } from './certificate.errors.js';
import type { CheckedVersion } from './checked-version.js';
import { HandIn } from './hand-in.js';
import { IssuingDesk } from './issuing-desk.js';
import { type Demanded, OnDemandCertificates, type Wanted } from './ports.js';

/** How old a statement may be that is made now, in seconds: its authority may answer again. */
const freshSeconds = 1800;
/** How far the authority's clock may be ahead, in seconds. */
const clockSeconds = 60;

@Injectable()
export class HandedInOnDemand extends OnDemandCertificates {
  constructor(
    private readonly desk: IssuingDesk,
    private readonly clients: ClientDirectory,
    private readonly handIn: HandIn,
  ) {
    super();
  }

  async judge(client: string, sdJwt: string, wanted: Wanted, now: Instant): Promise<Demanded> {
    // A key that was replaced a moment ago is believed no more.
    this.clients.forget(client);
    const desk = await this.desk.openFor(client, now);
    const checked = await desk.check(sdJwt);
    mustBeAsWanted(checked, wanted, now);
    return {
      record: async (context: CommandContext) => {
        const { subject, consent } = wanted;
        const demandedBy = { book: bookOf(subject), consent };
        const own = subContext(context, `made ${consent} ${wanted.type}`);
        const handed = { context: own, checked, files: [], demandedBy };
        const { certificate } = await this.handIn.one(desk, handed);
        return certificate;
      },
    };
  }
}

/** @throws CertificateMalformed */
function mustBeAsWanted(
  { read: { claims }, content, type }: CheckedVersion,
  wanted: Wanted,
  now: Instant,
): void {
  if (type.code !== wanted.type || type.category !== 'proof' || type.decision === true)
    throw wrong('claim_wrong', 'the authority was asked for another type', 'vct');
  if (claims.version !== 1 || claims.supersedes !== null)
    throw wrong('claim_wrong', 'what is made on demand has one version', 'version');
  const [holder, ...others] = content.holders;
  if (holder === undefined || others.length > 0 || !isSame(holder, wanted.holder))
    throw new CertificateMalformed(
      'holders_wrong',
      'the authority was asked for a statement of another holder, or of one alone',
    );
  const { asOf } = claims;
  if (
    asOf === null ||
    asOf.length === 10 ||
    asOf < shanghaiTime(plusSeconds(now, -freshSeconds)) ||
    asOf > shanghaiTime(plusSeconds(now, clockSeconds))
  )
    throw wrong('claim_wrong', 'what is made on demand is as of the moment of its making', 'as_of');
}

const isSame = (a: Identifier, b: Identifier): boolean => identifierKey(a) === identifierKey(b);

const wrong = (code: 'claim_wrong', why: string, claim: string) =>
  new CertificateMalformed(code, why, { claim });
