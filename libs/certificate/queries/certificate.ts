import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Clock, shanghaiDay } from '#libs/kernel';
import { CertificateAbsent } from '../certificate.errors.js';
import type { IdentifierFlag } from '../identifier.js';
import { authorityOf } from '../issuing-desk.js';
import type { RecordReference } from '../outcome.js';
import { PaperDesk } from '../paper-desk.js';
import type { CertificateStanding } from '../ports.js';
import { signedDigest } from '../sd-jwt.js';
import { standingNow } from '../standing.js';
import { certificateStream, isCertificateId, loadCertificate } from '../certificate.stream.js';

/**
 * A certificate for the authority that issued it: how it stands and which versions it has. Nothing
 * is decrypted.
 */
export interface CertificateView {
  readonly certificate: string;
  readonly type: string;
  readonly authority: string;
  readonly standing: CertificateStanding;
  readonly versions: readonly {
    readonly number: number;
    readonly validFrom: string;
    readonly validUntil: string | null;
    readonly asOf: string | null;
    /** What the next version must name as superseded. */
    readonly digest: string;
    readonly fields: readonly string[];
    readonly holders: number;
    readonly flags: readonly IdentifierFlag[];
  }[];
  /**
   * The latest time as of which the authority confirmed the newest version; an earlier line is
   * refused. Null where it never named a time.
   */
  readonly standsAsOf: string | null;
  readonly record: RecordReference;
}

/** An authority asks after a certificate of its own. */
export class GetCertificate extends Query<CertificateView> {
  constructor(
    readonly caller: ClientCaller,
    readonly certificate: string,
  ) {
    super();
  }
}

@QueryHandler(GetCertificate)
export class GetCertificateHandler implements IQueryHandler<GetCertificate> {
  constructor(
    private readonly store: EventStore,
    private readonly papers: PaperDesk,
    private readonly clock: Clock,
  ) {}

  async execute({ caller, certificate }: GetCertificate): Promise<CertificateView> {
    const authority = authorityOf(caller);
    if (!isCertificateId(certificate)) throw new CertificateAbsent(certificate);
    const { state, version, head } = await loadCertificate(this.store, certificate);
    if (state.status === 'absent' || state.authority !== authority.creditCode || head === null)
      throw new CertificateAbsent(certificate);
    return {
      certificate,
      type: state.type,
      authority: state.authority,
      standing: standingNow(state, shanghaiDay(this.clock.now())),
      versions: state.versions.map((each) => ({
        number: each.number,
        validFrom: each.validFrom,
        validUntil: each.validUntil,
        asOf: each.asOf ?? null,
        digest: signedDigest(each.signed),
        fields: each.disclosures
          .map(({ name }) => name)
          .filter((name) => !name.startsWith('holder.') && name !== 'identifier'),
        holders: each.holders.length,
        flags: each.flags ?? [],
      })),
      standsAsOf: await this.papers.standsAsOf(state),
      record: { stream: certificateStream(certificate), version, hash: head },
    };
  }
}
