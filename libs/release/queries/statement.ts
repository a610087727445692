import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { CompactSign } from 'jose';
import { type CaseNow, CaseReader } from '#libs/case';
import { Books, type Consent, consentsIn, LedgerKeys, type VersionRead } from '#libs/consent';
import { EventStore, StoreDamaged } from '#libs/event-store';
import type { Principal } from '#libs/identity';
import { canonicalize, Clock, utf8Bytes, utf8Text } from '#libs/kernel';
import { Receipts, SealPending } from '#libs/sealing';
import { Pairwise } from '#libs/vault';
import { type ExemptionStatement, type ExemptMaterial, statementType } from '#libs/verify';
import { StatementAbsent } from '../release.errors.js';

/** What `verifyStatement` of the offline verifier takes; bytes and receipts are UTF-8 text. */
export interface StatementWithProof {
  /** Compact JWS by the ledger's key. */
  readonly statement: string;
  /** The records that it names, each once. */
  readonly records: readonly { readonly bytes: string; readonly receipt: string }[];
}

/** The signed exemption statement of a case, for a holder whose data answered a material in it. */
export class ShowStatement extends Query<StatementWithProof> {
  constructor(
    readonly principal: Principal,
    readonly atCase: string,
  ) {
    super();
  }
}

@QueryHandler(ShowStatement)
export class ShowStatementHandler implements IQueryHandler<ShowStatement> {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly pairwise: Pairwise,
    private readonly keys: LedgerKeys,
    private readonly receipts: Receipts,
    private readonly clock: Clock,
  ) {}

  /** @throws StatementAbsent, SealPending */
  async execute({ principal, atCase }: ShowStatement): Promise<StatementWithProof> {
    // A case without the principal is treated like a missing one.
    const found = await this.cases.read(atCase);
    if (found === null || found.at === null) throw absent();
    const { opened, brought, at } = found;
    if (!opened.participants.some(({ subject }) => subject === principal.subject)) throw absent();
    const releases = await this.releases(principal.subject, opened);
    const names = new Map(opened.materials.map(({ material, nameZh }) => [material, nameZh]));
    // A material brought as paper after all was not exempted.
    const answers = releases.flatMap(({ record, read }) =>
      read
        .filter(({ material }) => !brought.includes(material))
        .map(({ material, type }) => ({
          record,
          exempt: {
            material,
            nameZh: names.get(material) ?? material,
            type,
            answeredBy: {
              stream: record.body.stream,
              version: record.body.version,
              hash: record.hash,
              time: record.body.time,
            },
          } satisfies ExemptMaterial,
        })),
    );
    if (answers.length === 0) throw absent();
    const records = await Promise.all(
      [...new Set(answers.map(({ record }) => record))].map(async ({ bytes, hash, body }) => {
        const { stream, version } = body;
        const { receipt } = await this.receipts.waitFor({ stream, version, hash });
        if (receipt === null) throw pending();
        return { bytes: utf8Text(bytes), receipt };
      }),
    );
    return {
      statement: await this.signed({
        v: 1,
        city: this.store.city,
        case: opened.case,
        matter: opened.matter,
        matterNameZh: opened.matterName,
        ruleVersion: opened.ruleVersion,
        department: opened.department,
        window: at.window,
        subject: this.pairwise.of(opened.department, principal.subject),
        materials: answers.map(({ exempt }) => exempt),
        issued: this.clock.now(),
      }),
      records,
    };
  }

  /**
   * The redeemed consents of a case in a subject's own book, without those whose data were
   * withheld.
   */
  private async releases(subject: string, opened: CaseNow['opened']) {
    const { stream, book } = await this.books.read(subject, { ofCase: opened });
    const released = [...consentsIn(book).values()].flatMap((consent) =>
      consent.request.case === opened.case ? (releaseOf(consent) ?? []) : [],
    );
    return Promise.all(
      released.map(async ({ version, read }) => {
        const [record] = await this.store.readStream(stream, version, 1);
        if (record === undefined)
          throw new StoreDamaged('store_damaged', 'a record is not where it was read', {
            stream,
            version,
          });
        return { record, read };
      }),
    );
  }

  private async signed(statement: ExemptionStatement): Promise<string> {
    const { kid, privateKey } = await this.keys.current();
    return new CompactSign(utf8Bytes(canonicalize(statement)))
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: statementType })
      .sign(privateKey);
  }
}

/** What was released by a consent, if anything: its end afterwards does not undo that. */
const releaseOf = (
  consent: Consent,
): { readonly version: number; readonly read: readonly VersionRead[] } | null =>
  consent.status === 'withheld' ||
  !('redemption' in consent) ||
  consent.redemption === null ||
  consent.redeemed === null
    ? null
    : { version: consent.redeemed.version, read: consent.redemption.read };

const absent = () =>
  new StatementAbsent(
    'statement_absent',
    'no release of the holder answered a material in such a case',
  );
const pending = () =>
  new SealPending(
    'seal_pending',
    'a record is not under a published checkpoint yet',
    {},
    { retryAfterSeconds: 1 },
  );
