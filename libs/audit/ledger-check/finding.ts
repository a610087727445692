/** What is wrong with a ledger. Codes, so that programs can switch on them; none of them says anything about anybody. */
export type What = keyof typeof meanings;

/** What each code means, for people. */
export const meanings = {
  position: 'a record that stood before it is gone, or it stands elsewhere than it was written',
  bytes: 'its bytes are not the canonical form of a record',
  hash: 'the hash stored with it is not that of its bytes',
  place: 'its bytes name another stream, version or city than it stands in',
  version: 'its version is not the one after the version before it in its stream',
  prev: 'the hash that it carries is not that of the record before it in its stream',
  missing: 'a record is missing that the ledger counts',
  leaf: 'it was sealed as something else',
  sealed_tail: 'one of these records, which no full tile covers, is not what was sealed',
  tile: 'a stored tile is not that of the records',
  sealed_head: 'the stored root is not that of the records',
  checkpoint: 'a signed checkpoint is not that of the records, or covers more than there are',
  checkpoint_not_trusted: 'the policy does not trust a checkpoint',
  grant_without_request: 'a grant of a consent that nobody asked for',
  grant_of_other_request: 'a grant whose signature is over another request',
  grant_key_unknown: 'a grant by a key that was not enrolled for this holder',
  grant_signature: 'a grant whose signature does not hold',
  release_without_grant: 'a release without a grant',
  release_twice: 'a second release for one consent',
  release_without_open_case: 'a release without its open case',
  reading_without_release: 'a reading again without a release',
  authority_key_unknown: 'a certificate signed by a key that no issuing authority registered',
  authority_signature: 'a certificate whose signature does not hold',
} as const;

/**
 * `leaf` counts records from 0 in the order of the ledger. `stream` is empty and `version` −1 where no record can be named; `leaf` is −1
 * where not even its place is known. `until` is there where it is one of several records: the last of them.
 */
export interface Finding {
  readonly leaf: number;
  readonly stream: string;
  readonly version: number;
  readonly what: What;
  readonly until?: number;
}

/** A finding about the log as a whole. */
export const ofTheLog = (what: What): Finding => ({ leaf: -1, stream: '', version: -1, what });

/** A ledger that is all wrong need not be told record by record. */
export const mostFindings = 1000;

/** The first wrong record first; what is wrong with the log, which follows from it, behind all records. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) => Number(a.version < 0) - Number(b.version < 0) || a.leaf - b.leaf,
  );
}
