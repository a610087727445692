import { Injectable } from '@nestjs/common';
import { EventStore } from '#libs/event-store';
import { ProductError } from '#libs/kernel';
import { type PaperName, Papers } from '#libs/vault';
import { laterOf } from './as-of.js';
import { type ExistingCertificate, newestOf } from './certificate.decider.js';
import { CertificateConflict } from './certificate.errors.js';
import type { CheckedVersion } from './checked-version.js';
import { namesOf, contentOf } from './paper-names.js';
import { DisclosureOpener } from './ports.js';
import { certificateIdOf, readDisclosure } from './sd-jwt.js';
import { loadCertificate } from './certificate.stream.js';

/** A checked version with its holders' subjects, in the order of its holders. */
export interface Held {
  readonly checked: CheckedVersion;
  readonly subjects: readonly string[];
}

/**
 * A paper's certificate. `known` where its name was claimed before; there may be nothing recorded
 * under it yet.
 */
export interface Place {
  readonly certificate: string;
  readonly known: boolean;
}

/**
 * Finds out which certificate a paper is: the one that bears its names already, or one that is to
 * come.
 */
@Injectable()
export class PaperDesk {
  constructor(
    private readonly store: EventStore,
    private readonly papers: Papers,
    private readonly opener: DisclosureOpener,
  ) {}

  /**
   * The certificate of each first version, in order. A paper that no certificate bears gets the one
   * that its signed part names, and its names are claimed for it before anything is recorded; of
   * several that claim one name, all get the same certificate.
   */
  async place(items: readonly Held[]): Promise<readonly (Place | ProductError)[]> {
    const named = items.map((item) => ({ ...item, names: namesFor(item) }));
    const found = await this.findEach(named.map(({ names }) => names));
    const placed = named.map(({ checked }, n): Place | ProductError => {
      const owner = soleOf(found[n] ?? []);
      if (owner instanceof ProductError) return owner;
      return owner === null
        ? { certificate: certificateIdOf(checked.read.signed), known: false }
        : { certificate: owner, known: true };
    });
    const free = await Promise.all(
      named.map(async (item, n) => {
        const place = placed[n];
        if (place === undefined || place instanceof ProductError || place.known) return [];
        return (await this.mayClaim(item)) ? [{ n, item, certificate: place.certificate }] : [];
      }),
    );
    const claiming = free.flat();
    const owners = await this.papers.claim(
      claiming.map(({ item: { names, subjects }, certificate }) => ({
        names,
        certificate,
        holders: subjects,
      })),
    );
    for (const [at, { n, certificate }] of claiming.entries()) {
      const owner = soleOf(owners[at] ?? []);
      if (owner instanceof ProductError) placed[n] = owner;
      else if (owner !== null && owner !== certificate)
        placed[n] = { certificate: owner, known: true };
    }
    return placed;
  }

  /**
   * Claims a paper's names for the certificate that it is a version of. @throws CertificateConflict
   * where another bears one of them
   */
  async claim(certificate: string, item: Held): Promise<void> {
    const [owners = []] = await this.papers.claim([
      { names: namesFor(item), certificate, holders: item.subjects },
    ]);
    const other = owners.find((owner) => owner !== certificate);
    if (other !== undefined) throw namedTwice(other);
  }

  /**
   * That a new version is of the same paper: a certificate keeps its number.
   * @throws CertificateConflict
   */
  async mustBeOf(certificate: string, item: Held): Promise<void> {
    const names = namesFor(item);
    const owners = await this.papers.find(names);
    const numbered = item.checked.type.number !== null;
    if (numbered && owners[0] == null && (await this.papers.bears(certificate)))
      throw new CertificateConflict(
        'number_changed',
        'a certificate keeps the number of its paper',
        { certificate },
        { hint: 'Cancel this certificate, and issue one for the paper with the other number.' },
      );
    const other = owners.find((owner) => owner !== null && owner !== certificate);
    if (typeof other === 'string') throw namedTwice(other);
  }

  /**
   * The certificate that bears the paper's names; null where none does. @throws CertificateConflict
   * where two do
   */
  async whichOf(item: Held): Promise<string | null> {
    const [found = []] = await this.findEach([namesFor(item)]);
    const owner = soleOf(found);
    if (owner instanceof ProductError) throw owner;
    return owner;
  }

  /**
   * Whether the newest version has the content of the checked one. It is opened for one of its
   * holders; false where it can no longer be opened.
   */
  async saysTheSame(state: ExistingCertificate, { checked, subjects }: Held): Promise<boolean> {
    const newest = newestOf(state);
    const { read } = checked;
    if (newest.validFrom !== read.claims.validFrom || newest.validUntil !== read.claims.validUntil)
      return false;
    const held = newest.holders.map(({ subject }) => subject);
    const subject = held[0];
    // A person who was erased and came back is a new subject: data sealed for the former one are
    // not compared.
    if (subject === undefined || held.join(' ') !== subjects.join(' ')) return false;
    const opened = await this.opener.open(
      state.certificate,
      newest,
      subject,
      newest.disclosures.map(({ name }) => name),
    );
    const before = opened.map(({ disclosure }) => readDisclosure(disclosure));
    return contentOf(before, newest) === contentOf(read.disclosures, read.claims);
  }

  /** Until when the authority confirmed the newest version; null where it never did. */
  async standsAsOf(state: ExistingCertificate): Promise<string | null> {
    return laterOf(newestOf(state).asOf ?? null, await this.papers.confirmed(state.certificate));
  }

  /** Notes that the authority confirmed the current version, as of then. */
  async confirm(state: ExistingCertificate, asOf: string | null): Promise<void> {
    if (asOf !== null && asOf > (newestOf(state).asOf ?? ''))
      await this.papers.confirm(state.certificate, asOf);
  }

  private async findEach(
    names: readonly (readonly PaperName[])[],
  ): Promise<readonly (readonly string[])[]> {
    const found = await this.papers.find(names.flat());
    let from = 0;
    return names.map((mine) =>
      found.slice(from, (from += mine.length)).filter((owner) => owner !== null),
    );
  }

  /**
   * Not where the same content is recorded for an erased subject, whose certificate can no longer
   * be opened.
   */
  private async mayClaim({ checked, subjects }: Held): Promise<boolean> {
    const { state } = await loadCertificate(this.store, certificateIdOf(checked.read.signed));
    if (state.status === 'absent') return true;
    const holders = newestOf(state).holders.map(({ subject }) => subject);
    return subjects.every((subject) => holders.includes(subject));
  }
}

const namesFor = ({ checked, subjects }: Held): PaperName[] => namesOf(checked, subjects[0] ?? '');

/** The one certificate that names lead to; null where they lead to none. */
function soleOf(owners: readonly string[]): string | CertificateConflict | null {
  const [first, ...others] = new Set(owners);
  if (first === undefined) return null;
  return others.length === 0 ? first : namedTwice(first);
}

const namedTwice = (certificate: string) =>
  new CertificateConflict(
    'certificate_exists',
    'the number and the identifier of this paper are those of two certificates, or of another one',
    { certificate },
  );
