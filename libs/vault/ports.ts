/**
 * Keys of subjects, in a schema of their own, wrapped under the master key. A destroyed key is gone
 * for good: what was sealed under it can never be opened again, and no second key is ever made for
 * that subject.
 */
export abstract class Vault {
  /**
   * A256KW (RFC 3394) of a 256-bit key under the subject's key; base64url. Makes the subject's key
   * where there is none yet.
   * @throws SubjectKeyAbsent where the subject's key was destroyed
   */
  abstract wrap(subject: string, key: Uint8Array): Promise<string>;
  /**
   * @throws SubjectKeyAbsent where the subject has no key or it was destroyed; SealBroken where the
   * wrap is not of this key
   */
  abstract unwrap(subject: string, wrapped: string): Promise<Uint8Array>;
  /** `wrap` for each item, in order; adapters answer a page in few statements. Fails whole. */
  wrapMany(
    items: readonly { readonly subject: string; readonly key: Uint8Array }[],
  ): Promise<readonly string[]> {
    return Promise.all(items.map(({ subject, key }) => this.wrap(subject, key)));
  }
  /** `unwrap` for each item, in order; adapters answer a page in few statements. Fails whole. */
  unwrapMany(
    items: readonly { readonly subject: string; readonly wrapped: string }[],
  ): Promise<readonly Uint8Array[]> {
    return Promise.all(items.map(({ subject, wrapped }) => this.unwrap(subject, wrapped)));
  }
  /**
   * Destroys the subject's key, for every process at once and for good. Repeating it changes
   * nothing.
   */
  abstract destroy(subject: string): Promise<void>;
}

/**
 * What identifies a paper: `parts` as they are compared, and the subject whose part of it is meant,
 * where several share one number.
 */
export interface PaperName {
  readonly parts: readonly string[];
  readonly holder: string | null;
}

/** A certificate that claims names for itself, with the subjects who hold it. */
export interface ClaimedPaper {
  readonly names: readonly PaperName[];
  readonly certificate: string;
  readonly holders: readonly string[];
}

/**
 * Which certificate bears the name of a paper. An adapter **must** let one name lead to one
 * certificate under concurrent claims, keep names as HMACs only, and delete a certificate's names
 * when the last of its holders is erased.
 */
export abstract class Papers {
  /** The certificate that bears each name, in order; null where none does. */
  abstract find(names: readonly PaperName[]): Promise<readonly (string | null)[]>;
  /**
   * Claims names before anything is recorded under them, and returns the certificate that bears
   * each paper's first name now: another one where a concurrent claim came first. A claim without a
   * record is left from an interrupted command, and the next command that finds it continues with
   * it.
   * @throws LookupBroken where a holder was erased meanwhile
   */
  abstract claim(papers: readonly ClaimedPaper[]): Promise<readonly (readonly string[])[]>;
  /** Whether a certificate bears any name. */
  abstract bears(certificate: string): Promise<boolean>;
  /** All certificates that bear one of these numbers, of any holder. */
  abstract withNumber(numbers: readonly PaperName[]): Promise<readonly string[]>;
  /**
   * Notes when an authority last confirmed the certificate; an earlier time changes nothing. Text
   * order is the order of times.
   */
  abstract confirm(certificate: string, asOf: string): Promise<void>;
  /** The latest time noted. */
  abstract confirmed(certificate: string): Promise<string | null>;
}

/**
 * Subject ids as they are disclosed: one per department, so that two departments cannot link their
 * data. 22 letters of base64url.
 */
export abstract class Pairwise {
  abstract of(department: string, subject: string): string;
}

/**
 * Secrets that are derived instead of stored: the same for a purpose and a name in every process,
 * after every restart and under every master key.
 */
export abstract class LedgerSecrets {
  /** 32 bytes, derived from the ledger's secret for a purpose and a name in it. */
  abstract of(purpose: string, name: string): Uint8Array;
}

/**
 * Files (OFD, PDF, portrait) of at most 10 MB, sealed, outside the records. `id` is random; the
 * digest of the plaintext stands in the signed part of a certificate.
 */
export abstract class Blobs {
  /**
   * Idempotent for the same bytes under the same id. A file that no certificate names counts
   * against the client that stored it.
   * @throws BlobTooLarge; BlobsUnnamed where it stored more than may wait for a name; BlobIdTaken
   *   where other bytes are stored under the id
   */
  abstract put(id: string, sealed: Uint8Array, client: string): Promise<void>;
  abstract get(id: string): Promise<Uint8Array | null>;
  /**
   * Records whose data these files are: a file is deleted with the last of these subjects. Called
   * before the event that names the files; a repeat adds subjects.
   * @returns whether all files are stored: one that was not named for a day may be deleted
   */
  abstract belong(ids: readonly string[], subjects: readonly string[]): Promise<boolean>;
  /** Deletes files that were stored more than a day ago and that no certificate names. */
  abstract forgetUnnamed(): Promise<void>;
}
