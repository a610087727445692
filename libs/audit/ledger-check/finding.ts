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
  missing: 'missing, though the ledger counts it, or the log covers it',
  leaf: 'it was sealed as something else',
  sealed_tail: 'one of these records, which no full tile covers, is not what was sealed',
  tile: 'a stored tile is not that of the records',
  sealed_head: 'the stored root is not that of the records',
  checkpoint: 'a signed checkpoint is not that of the records',
  checkpoint_not_trusted: 'the policy does not trust a checkpoint, or it is of another log',
  schema_unknown:
    'it is of a schema that this program does not know: what it and all behind it say was not judged; check with the release that wrote it',
  consent_twice: 'a consent is asked for under the id of another',
  grant_without_request: 'a grant of a consent that nobody asked for',
  grant_after_answer: 'a grant of a consent that was answered before',
  grant_of_other_request: 'a grant whose signature is over another request',
  grant_key_unknown: 'a grant by a key that was not enrolled for this holder',
  grant_signature: 'a grant whose signature does not hold',
  release_without_grant: 'a release without a grant',
  release_after_refusal: 'a release though the holder had refused',
  release_after_withdrawal: 'a release though the holder had taken the grant back',
  release_twice: 'a second release for one consent',
  release_beyond_grant: 'a release of materials, types or fields that were not granted',
  release_without_open_case: 'a release without its open case',
  reading_without_release: 'a reading again without a release',
  reading_after_withdrawal: 'a reading again though the holder had taken the grant back',
  reading_beyond_release: 'a reading again of other certificates than were released',
  reading_without_open_case: 'a reading again without its open case',
  not_shown_withheld:
    'its case was closed at the same moment, and no record says that it was withheld: whether anything left is not shown',
  authority_key_unknown: 'a certificate signed by a key that no issuing authority registered',
  authority_key_retired: 'a certificate signed by a key that was retired by then',
  authority_disabled: 'a certificate of an authority that was disabled by then',
  authority_not_entitled:
    'a certificate under a name, or of a type, that the authority whose key signed it is not registered for',
  authority_signature: 'a certificate whose signature does not hold',
  signed_as_no_certificate: 'a certificate whose signed part was signed as something else',
  certificate_not_as_signed:
    'a certificate whose signed part is that of another certificate, type, authority or version',
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

/** Findings as they come, the first thousand of each kind. */
export class Findings {
  readonly #all: Finding[] = [];
  readonly #counts = new Map<What, number>();

  /** Those that are kept, in the order in which they came. */
  get all(): readonly Finding[] {
    return this.#all;
  }

  add(finding: Finding): void {
    if (this.hasEnoughOf(finding.what)) return;
    this.#counts.set(finding.what, (this.#counts.get(finding.what) ?? 0) + 1);
    this.#all.push(finding);
  }

  /** Whether one more of the kind would not be kept. */
  hasEnoughOf(what: What): boolean {
    return (this.#counts.get(what) ?? 0) >= mostFindings;
  }

  addAll(findings: Iterable<Finding>): void {
    for (const finding of findings) this.add(finding);
  }
}

/**
 * The first wrong record first; what is wrong with the log, which follows from it, behind all records, and there what is missing first. Of
 * each kind no more than a thousand.
 */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const kept = new Findings();
  kept.addAll(
    findings.toSorted(
      (a, b) =>
        Number(a.version < 0) - Number(b.version < 0) ||
        (a.version < 0 ? Number(b.what === 'missing') - Number(a.what === 'missing') : 0) ||
        a.leaf - b.leaf,
    ),
  );
  return kept.all;
}
