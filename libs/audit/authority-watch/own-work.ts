/** What an authority claims as its own work. */
export interface OwnWork {
  /** RFC 7638 thumbprints of its keys, old ones too. */
  readonly kids: ReadonlySet<string>;
  /** Its certificates; null where it has no list of them: then only signatures are checked. */
  readonly certificates: OwnCertificates | null;
}

export interface OwnCertificates {
  /** Ids, of which every version counts as its own. */
  readonly ids: ReadonlySet<string>;
  /**
   * Leaf hashes of the records of versions, in hexadecimal, as `x.results.csv` of an import has
   * them.
   */
  readonly records: ReadonlySet<string>;
}
