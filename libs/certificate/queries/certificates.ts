import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import pg from 'pg';
import type { ClientCaller } from '#libs/identity';
import { Clock, shanghaiDay } from '#libs/kernel';
import { type Identifier, SubjectDirectory } from '#libs/subject';
import { Papers } from '#libs/vault';
import type { CertificateStatus } from '../certificate.decider.js';
import { authorityOf } from '../issuing-desk.js';
import { soughtNames } from '../paper-names.js';
import type { CertificateStanding } from '../ports.js';
import { certificateStandingOf } from '../standing.js';

/** What an authority looks for among its own certificates; nothing at all lists them. */
export interface Sought {
  /** The paper's own number, or the serial of its identifier. */
  readonly serial?: string;
  readonly holder?: Identifier;
  readonly type?: string;
  readonly state?: CertificateStanding;
  /** The last certificate of the page before. */
  readonly after?: string;
}

export interface FoundCertificate {
  readonly certificate: string;
  readonly type: string;
  readonly standing: CertificateStanding;
  readonly version: number;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly issuedAt: string;
}

export interface FoundCertificates {
  readonly certificates: readonly FoundCertificate[];
  /** What the next page is asked with as `after`; null on the last. */
  readonly next: string | null;
}

/**
 * An authority searches its own certificates, newest first. From the wallet, which may lag by a
 * moment.
 */
export class SearchCertificates extends Query<FoundCertificates> {
  constructor(
    readonly caller: ClientCaller,
    readonly sought: Sought,
  ) {
    super();
  }
}

interface Row {
  readonly certificate: string;
  readonly type: string;
  readonly status: CertificateStatus;
  readonly version: number;
  readonly valid_from: string;
  readonly valid_until: string | null;
  readonly issued_at: string;
}

const pageSize = 100;

@QueryHandler(SearchCertificates)
export class SearchCertificatesHandler implements IQueryHandler<SearchCertificates> {
  constructor(
    private readonly pool: pg.Pool,
    private readonly papers: Papers,
    private readonly subjects: SubjectDirectory,
    private readonly clock: Clock,
  ) {}

  async execute({ caller, sought }: SearchCertificates): Promise<FoundCertificates> {
    const authority = authorityOf(caller);
    const { serial, holder, type, state, after } = sought;
    const types = type === undefined ? authority.types : [type];
    const [bearers, subject] = await Promise.all([
      serial === undefined
        ? null
        : this.papers.withNumber(
            types.flatMap((each) => soughtNames(authority.creditCode, each, serial)),
          ),
      holder === undefined ? undefined : this.subjects.find(holder),
    ]);
    if (subject === null) return { certificates: [], next: null };
    const day = shanghaiDay(this.clock.now());
    const { rows } = await this.pool.query<Row>(
      `SELECT c.* FROM wallet_certificate c
       WHERE c.authority = $1
         AND ($2::text IS NULL OR c.type = $2)
         AND ($3::text[] IS NULL OR c.certificate = ANY($3))
         AND ($4::text IS NULL OR EXISTS (
           SELECT FROM wallet_holding h WHERE h.subject = $4 AND h.certificate = c.certificate))
         AND ($5::text IS NULL OR (c.issued_at, c.certificate) < (
           SELECT b.issued_at, b.certificate FROM wallet_certificate b
           WHERE b.certificate = $5 AND b.authority = $1))
         AND ($6::text IS NULL OR $6 = CASE
           WHEN c.status <> 'valid' THEN c.status
           WHEN c.valid_from > $7 THEN 'not-yet-valid'
           WHEN c.valid_until < $7 THEN 'expired' ELSE 'valid' END)
       ORDER BY c.issued_at DESC, c.certificate DESC LIMIT $8`,
      [
        authority.creditCode,
        type ?? null,
        bearers,
        subject ?? null,
        after ?? null,
        state ?? null,
        day,
        pageSize + 1,
      ],
    );
    const page = rows.slice(0, pageSize);
    return {
      certificates: page.map((row) => ({
        certificate: row.certificate,
        type: row.type,
        standing: certificateStandingOf(
          row.status,
          { validFrom: row.valid_from, validUntil: row.valid_until },
          day,
        ),
        version: row.version,
        validFrom: row.valid_from,
        validUntil: row.valid_until,
        issuedAt: row.issued_at,
      })),
      next: rows.length > pageSize ? (page.at(-1)?.certificate ?? null) : null,
    };
  }
}
