import { Injectable } from '@nestjs/common';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import { ProductError } from '#libs/kernel';
import { certificateDecider, type CertificateState, newestOf } from './certificate.decider.js';
import { CertificateAbsent, CertificateMalformed } from './certificate.errors.js';
import type { CertificateEvent, CertificateVersion, Demand } from './certificate.events.js';
import type { HandInFlag } from './hand-in-flags.js';
import type { Desk } from './issuing-desk.js';
import type { CheckedVersion } from './checked-version.js';
import { OtherPapers } from './other-papers.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { type Held, PaperDesk, type Place } from './paper-desk.js';
import { signedDigest } from './sd-jwt.js';
import { certificateRules, certificateStream } from './certificate.stream.js';
import { type HandedFile, VersionSeals } from './version-seals.js';

/**
 * A certificate in the ledger. `unchanged` where its newest version says the same already, under
 * whatever Idempotency-Key.
 */
export interface Issued extends Outcome {
  readonly certificate: string;
  readonly type: string;
  readonly version: number;
  readonly flags: readonly HandInFlag[];
}

/**
 * A version as it was handed in. `context` is of its own: what several lines of one request append
 * must not share ids.
 */
export interface Handed {
  readonly context: CommandContext;
  readonly checked: CheckedVersion;
  readonly files: readonly HandedFile[];
  /**
   * Of an amendment: the certificate, where the caller names it. Otherwise its paper is looked up
   * by its number.
   */
  readonly certificate?: string;
  /** The consent on which it was made at this moment. */
  readonly demandedBy?: Demand;
}

interface Entry extends Handed, Held {
  readonly place: Place | ProductError;
}

/** Takes versions of certificates into the ledger: one paper, one line of versions. */
@Injectable()
export class HandIn {
  constructor(
    private readonly store: EventStore,
    private readonly papers: PaperDesk,
    private readonly seals: VersionSeals,
    private readonly others: OtherPapers,
  ) {}

  /** @throws what is wrong with it */
  async one(desk: Desk, handed: Handed): Promise<Issued> {
    const [done] = await this.all(handed.context, desk, [handed]);
    if (done === undefined) throw new CertificateMalformed('holders_wrong', 'nothing to record');
    if (done instanceof ProductError) throw done;
    return done;
  }

  /**
   * In order; what is wrong with one alone stands in its place. Versions of one certificate are
   * recorded one after the other.
   * @throws UnavailableError and others that concern all
   */
  async all(
    context: CommandContext,
    desk: Desk,
    handed: readonly Handed[],
  ): Promise<readonly (Issued | ProductError)[]> {
    const people = await this.seals.holdersOf(
      context,
      handed.map(({ checked }) => checked),
    );
    const places = await this.places(
      handed.map((each, n) => ({ ...each, subjects: people[n] ?? [] })),
    );
    const entries = handed.map((each, n): Entry => ({
      ...each,
      subjects: people[n] ?? [],
      place: places[n] ?? new CertificateAbsent(''),
    }));
    const placed = entries.flatMap((entry, n) =>
      entry.place instanceof ProductError ? [] : [{ n, entry, place: entry.place }],
    );
    const sealed = await this.seals.sealMany(
      placed.map(({ entry, place }) => ({ ...entry, certificate: place.certificate })),
    );
    const done: (Issued | ProductError)[] = entries.map(({ place }) =>
      place instanceof ProductError ? place : new CertificateAbsent(place.certificate),
    );
    const lanes = Map.groupBy(placed.entries(), ([, { place }]) => place.certificate);
    await Promise.all(
      [...lanes.values()].map(async (lane) => {
        for (const [at, { n, entry, place }] of lane)
          done[n] = await this.record(desk, entry, place, sealed[at]);
      }),
    );
    await this.tellOthers(desk, entries, done, context.now);
    return done;
  }

  private async places(items: readonly (Handed & Held)[]): Promise<(Place | ProductError)[]> {
    const first = items.filter(({ checked }) => checked.read.claims.version === 1);
    const placed = await this.papers.place(first);
    const of = new Map(first.map((item, n) => [item, placed[n]] as const));
    return Promise.all(
      items.map(async (item) => {
        const place = of.get(item);
        if (place !== undefined) return place;
        const certificate = item.certificate ?? (await this.papers.whichOf(item).catch(asRefusal));
        if (certificate instanceof ProductError) return certificate;
        return certificate === null ? new CertificateAbsent('') : { certificate, known: true };
      }),
    );
  }

  private async record(
    desk: Desk,
    entry: Entry,
    place: Place,
    version: CertificateVersion | ProductError | undefined,
  ): Promise<Issued | ProductError> {
    try {
      if (version === undefined || version instanceof ProductError)
        throw version ?? new CertificateAbsent(place.certificate);
      const { certificate } = place;
      const stream = certificateStream(certificate);
      const done = await execute(
        this.store,
        stream,
        entry.context,
        certificateRules,
        (state) => this.decide(desk, entry, place, version, state),
        // An import's certificates are new nearly always, and are not read again soon.
        { isNew: !place.known, keep: place.known },
      );
      if (done.events.length === 0 && done.state.status !== 'absent')
        await this.papers.confirm(done.state, entry.checked.read.claims.asOf);
      return {
        certificate,
        type: entry.checked.type.code,
        version: numberOf(done.events[0]) ?? newestNumber(done.state) ?? version.number,
        flags: entry.checked.content.flags,
        ...(await outcomeOf(this.store, stream, done)),
      };
    } catch (error) {
      return asRefusal(error);
    }
  }

  private async decide(
    desk: Desk,
    entry: Entry,
    { certificate, known }: Place,
    version: CertificateVersion,
    state: CertificateState,
  ) {
    const { supersedes, type } = entry.checked.read.claims;
    const own =
      state.status !== 'absent' && state.authority === desk.authority.creditCode ? state : null;
    const command = {
      certificate,
      type,
      authority: desk.authority.creditCode,
      digestOf: signedDigest,
      standsAsOf: own === null ? null : await this.papers.standsAsOf(own),
      version,
    };
    if (supersedes === null) {
      // A name without a record is left from an interrupted attempt; the next one continues with
      // it.
      if (state.status === 'absent' && known) await this.papers.claim(certificate, entry);
      const saysTheSame = own !== null && (await this.papers.saysTheSame(own, entry));
      const { demandedBy } = entry;
      return certificateDecider.decide(
        {
          kind: 'issue',
          ...command,
          saysTheSame,
          ...(demandedBy !== undefined && { demandedBy }),
        },
        state,
      );
    }
    const { digest: superseded, reason } = supersedes;
    const events = certificateDecider.decide(
      { kind: 'amend', ...command, superseded, reason },
      state,
    );
    if (events.length > 0) {
      await this.papers.mustBeOf(certificate, entry);
      await this.papers.claim(certificate, entry);
    }
    return events;
  }

  /**
   * A second valid certificate of one holder and a type without number is not refused; the
   * authority is told.
   */
  private async tellOthers(
    desk: Desk,
    entries: readonly Entry[],
    done: (Issued | ProductError)[],
    now: string,
  ): Promise<void> {
    const asked = entries.flatMap(({ checked, subjects }, n) => {
      const issued = done[n];
      return issued === undefined || issued instanceof ProductError
        ? []
        : issued.state === 'recorded' && issued.version === 1 && checked.type.number === null
          ? [{ n, issued, type: issued.type, certificate: issued.certificate, subjects }]
          : [];
    });
    if (asked.length === 0) return;
    const told = await this.others.whoHaveAnother(desk.authority.creditCode, asked, now);
    for (const [at, { n, issued }] of asked.entries())
      if (told[at] === true)
        done[n] = { ...issued, flags: [...issued.flags, 'holder_has_another'] };
  }
}

/**
 * Faults of one version alone. A failure of the ledger is thrown: a retry continues where it
 * stopped.
 */
function asRefusal(error: unknown): ProductError {
  if (!(error instanceof ProductError)) throw error;
  if (error.family === 'unavailable' || error.family === 'internal') throw error;
  return error as ProductError;
}

const numberOf = (event: CertificateEvent | undefined): number | null =>
  event !== undefined && 'version' in event.data ? event.data.version.number : null;

const newestNumber = (state: CertificateState): number | null =>
  state.status === 'absent' ? null : newestOf(state).number;
