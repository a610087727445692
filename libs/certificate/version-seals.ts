import { Injectable } from '@nestjs/common';
import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { CommandContext } from '#libs/event-store';
import { ProductError, UnavailableError } from '#libs/kernel';
import { SubjectDirectory } from '#libs/subject';
import { Blobs, newKey, open, seal, Vault } from '#libs/vault';
import type { CertificateVersion, SealedDisclosure, SealedFile } from './certificate.events.js';
import { CertificateMalformed } from './certificate.errors.js';
import { openFile } from './files.js';
import type { CheckedVersion } from './checked-version.js';

/** A stored file as the authority names it: its place, and the key that only the authority got. */
export interface HandedFile {
  /** The claim's name: a field of kind image or file, or `file.<name>`. */
  readonly name: string;
  readonly blob: string;
  /** 256 bits, base64url. */
  readonly key: string;
}

/** What is to be sealed: a checked version, for the certificate whose version it becomes. */
export interface Sealable {
  readonly certificate: string;
  readonly checked: CheckedVersion;
  /** Of its holders, in their order: what `holdersOf` answered. */
  readonly subjects: readonly string[];
  readonly files: readonly HandedFile[];
}

interface HolderKey {
  readonly subject: string;
  readonly role: string;
  readonly wrapped: string | ProductError | undefined;
}

/**
 * A seal holds for one claim of one version of one certificate: put anywhere else, it does not
 * open.
 */
const disclosureAad = (certificate: string, version: number, digest: string) =>
  `certificate\0${certificate}\0${version}\0${digest}`;
const fileKeyAad = (certificate: string, version: number, name: string, blob: string) =>
  `certificate-file-key\0${certificate}\0${version}\0${name}\0${blob}`;

/**
 * Turns what came in clear into what the ledger keeps: subjects for numbers, and a seal on
 * everything that an authority disclosed.
 */
@Injectable()
export class VersionSeals {
  constructor(
    private readonly subjects: SubjectDirectory,
    private readonly vault: Vault,
    private readonly blobs: Blobs,
  ) {}

  /** The subjects of each version's holders, in order; who is not known yet is noted. */
  async holdersOf(
    context: CommandContext,
    versions: readonly CheckedVersion[],
  ): Promise<readonly (readonly string[])[]> {
    const subjects = await this.subjects.resolveMany(
      context,
      versions.flatMap(({ content }) =>
        content.holders.map(({ kind, number, issuer }) => ({ kind, number, issuer })),
      ),
    );
    let from = 0;
    return versions.map(({ content }) => subjects.slice(from, (from += content.holders.length)));
  }

  /**
   * In order; what is wrong with one item alone (its files, a holder who was erased) stands in its
   * version's place.
   * @throws UnavailableError and others that concern all
   */
  async sealMany(items: readonly Sealable[]): Promise<(CertificateVersion | ProductError)[]> {
    const keyed = items.map((item) => ({ item, key: newKey() }));
    const holders = keyed.flatMap(({ item, key }) =>
      item.checked.content.holders.map(({ role }, n) => ({
        role,
        item,
        key,
        subject: item.subjects[n] ?? '',
      })),
    );
    const wrapped = await this.wrap(holders.map(({ subject, key }) => ({ subject, key })));
    const of = new Map<Sealable, HolderKey[]>(items.map((item) => [item, []]));
    for (const [n, { item, subject, role }] of holders.entries())
      of.get(item)?.push({ subject, role, wrapped: wrapped[n] });
    return Promise.all(
      keyed.map(({ item, key }) => this.version(item, createSecretKey(key), of.get(item) ?? [])),
    );
  }

  /** All at once; where that fails for the sake of one, each for itself. */
  private async wrap(
    items: readonly { subject: string; key: Uint8Array }[],
  ): Promise<readonly (string | ProductError)[]> {
    try {
      return await this.vault.wrapMany(items);
    } catch (error) {
      if (!(error instanceof ProductError) || error instanceof UnavailableError) throw error;
      return Promise.all(
        items.map(({ subject, key }) =>
          this.vault.wrap(subject, key).catch((one: unknown) => {
            if (one instanceof ProductError) return one;
            throw one;
          }),
        ),
      );
    }
  }

  private async version(
    { certificate, checked, files }: Sealable,
    key: KeyObject,
    holders: readonly HolderKey[],
  ): Promise<CertificateVersion | ProductError> {
    const { read, content } = checked;
    const number = read.claims.version;
    const keys: { subject: string; wrapped: string }[] = [];
    for (const { subject, wrapped } of holders) {
      if (typeof wrapped !== 'string')
        return wrapped ?? new CertificateMalformed('holders_wrong', 'a holder has no key');
      // Two numbers may be one person's: one wrapped key serves both roles.
      if (!keys.some((known) => known.subject === subject)) keys.push({ subject, wrapped });
    }
    let sealedFiles;
    try {
      sealedFiles = await this.sealFiles(certificate, checked, files, key);
    } catch (error) {
      if (error instanceof ProductError && !(error instanceof UnavailableError)) return error;
      throw error;
    }
    const allThere = await this.blobs.belong(
      sealedFiles.map(({ blob }) => blob),
      keys.map(({ subject }) => subject),
    );
    if (!allThere) return fileMissing('a file that the certificate names is not stored any more');
    return {
      number,
      signed: read.signed,
      disclosures: read.disclosures.map(({ name, text, digest }) => ({
        name,
        digest,
        // The bytes behind the base64url: strict reading made sure that they have one spelling
        // only.
        sealed: seal(
          key,
          Buffer.from(text, 'base64url'),
          disclosureAad(certificate, number, digest),
        ),
      })),
      keys,
      holders: holders.map(({ subject, role }) => ({ subject, role })),
      validFrom: read.claims.validFrom,
      validUntil: read.claims.validUntil,
      files: sealedFiles,
      ...(read.claims.asOf !== null && { asOf: read.claims.asOf }),
      ...(content.flags.length > 0 && { flags: content.flags }),
    };
  }

  /** Every file that the signed part speaks of must lie there, whole, and no other. */
  private async sealFiles(
    certificate: string,
    { read, content }: CheckedVersion,
    handed: readonly HandedFile[],
    key: KeyObject,
  ): Promise<SealedFile[]> {
    if (
      handed.length !== content.files.length ||
      new Set(handed.map((f) => f.name)).size !== handed.length
    )
      throw fileMissing('the files handed over are not those that the certificate names');
    return Promise.all(
      content.files.map(async ({ name, claim }) => {
        const file = handed.find((candidate) => candidate.name === name);
        const stored = file && (await this.blobs.get(file.blob));
        if (!file || !stored) throw fileMissing('a file that the certificate names is not stored');
        const bytes = opened(file, stored);
        if (hash('sha256', bytes, 'hex') !== claim.sha256)
          throw new CertificateMalformed('file_wrong', 'a file is not the one that was signed', {
            name,
          });
        return {
          name,
          blob: file.blob,
          mediaType: claim.mediaType,
          key: seal(
            key,
            Buffer.from(file.key, 'base64url'),
            fileKeyAad(certificate, read.claims.version, name, file.blob),
          ),
        };
      }),
    );
  }

  /** A disclosure's text, opened with the version's key. @throws SealBroken */
  openDisclosure(
    certificate: string,
    version: number,
    key: Uint8Array,
    { digest, sealed }: SealedDisclosure,
  ): string {
    return open(key, sealed, disclosureAad(certificate, version, digest)).toString('base64url');
  }

  /** A file's bytes; null where nothing lies under its id. @throws SealBroken */
  async openFile(
    certificate: string,
    version: number,
    key: Uint8Array,
    { name, blob, key: sealedKey }: SealedFile,
  ): Promise<Uint8Array | null> {
    const stored = await this.blobs.get(blob);
    if (stored === null || sealedKey === undefined) return null;
    const fileKey = open(key, sealedKey, fileKeyAad(certificate, version, name, blob));
    return openFile(blob, fileKey, stored);
  }
}

const fileMissing = (why: string) => new CertificateMalformed('file_missing', why);

function opened(file: HandedFile, stored: Uint8Array): Buffer {
  const key = Buffer.from(file.key, 'base64url');
  try {
    return openFile(file.blob, key, stored);
  } catch (cause) {
    // Guessing ids of other authorities' files reveals nothing more than this.
    throw new CertificateMalformed(
      'file_missing',
      'a file that the certificate names is not stored',
      { name: file.name },
      { cause },
    );
  }
}
