/**
 * Findings about a ledger. Codes, so that programs can switch on them; none of them holds personal
 * data.
 */
export type FindingCode = keyof typeof meanings;

/** What each code means, for people. */
export const meanings = {
  position: 'a record that stood before it is gone, or it stands elsewhere than it was written',
  bytes: 'its bytes are not the canonical form of a record',
  hash: 'the hash stored with it is not that of its bytes',
  place: 'its bytes name another stream, version or city than it stands in',
  version: 'its version is not the one after the version before it in its stream',
  prev: 'the hash that it carries is not that of the record before it in its stream',
  missing: 'missing, though the ledger counts it, or the log covers it',
  bundle:
    'an entry bundle is no list of exactly as many entries as it is named for (C2SP tlog-tiles)',
  leaf: 'it was sealed as something else',
  foreign_event: 'another program wrote it under the names of this ledger',
  stream_metadata:
    'the stream was deleted, cut off or limited in the event store, or given metadata by another program',
  exclusion_not_approved:
    'events were left out of the ledger, and no second administrator approved just that, with a key of its own, while the request stood',
  exclusion_not_independent:
    'events were left out of the ledger by two administrators who are not independent: their keys go back to the same registrar',
  exclusion_of_sealed:
    'events were left out of the ledger that had been sealed, or stand before such',
  exclusion_of_limit:
    'events were left out of the ledger with a limit or a deletion of their stream that was not taken back',
  stream_cut: 'the event store does not show it in its stream, nor what stands behind it there',
  sealed_tail: 'one of these records, which no full tile covers, is not what was sealed',
  tile: 'a stored tile is not that of the records',
  sealed_head: 'the stored root is not that of the records',
  checkpoint: 'a signed checkpoint is not that of the records',
  checkpoint_not_trusted: 'the policy does not trust a checkpoint, or it is of another log',
  schema_unknown:
    'it is of a schema that this program does not know: what it and all behind it say was not judged; check with the release that wrote it',
  case_key_unknown:
    'a case opened online by a key that was not enrolled for the caller that it names',
  case_key_revoked: 'a case opened online by a key that had been taken back',
  case_signature: 'a case opened online whose signature does not hold',
  case_of_other_application:
    'a case opened online whose signature is over another case, matter or department',
  applicant_not_caller:
    'a case opened online, or withdrawn, in the name of another than its applicant',
  case_taken_twice: 'a case taken that was not opened online, or had been taken or closed before',
  case_taken_elsewhere:
    'a case taken for another department, or under another window, than the client’s that did it',
  case_returned_untaken: 'a case given back that was not opened online, or that no window had',
  case_returned_elsewhere: 'a case given back by another window than the one that had it',
  case_returned_after_release: 'a case given back though data had been released for it',
  consent_twice: 'a consent is asked for under the id of another',
  case_not_at_kiosk: 'a case of a self-service matter that was opened by no kiosk',
  consent_action: 'a consent for another action than its case is for, which no release can serve',
  consent_number_missing:
    'a consent without a number to compare, though the holder’s own code was not scanned, nor did the holder’s key open the case',
  consent_basis: 'a request on another ground than the holder’s consent, which none can serve',
  grant_without_request: 'a grant of a consent that was not requested',
  grant_after_answer: 'a grant of a consent that was answered before',
  grant_of_other_request: 'a grant whose signature is over another request',
  caller_not_principal:
    'an answer, or a revocation of a phone, in the name of another than whose book or stream it is in',
  grant_key_unknown: 'a grant by a key that was not enrolled for the caller that it names',
  grant_key_revoked: 'a grant by a key that had been taken back, or whose phone had',
  grant_signature: 'a grant whose signature does not hold',
  grant_of_other_site: 'a grant by a passkey for another RP ID, or on a page that may not use it',
  grant_user_not_verified: 'a grant by a passkey that did not test its user',
  grant_counter_behind:
    'a grant by a passkey whose sign count did not grow: the key may have been copied',
  passkey_not_proved: 'a passkey for which the key of its phone did not sign',
  passkey_without_phone: 'a passkey beside a phone’s key that was not enrolled, or was taken back',
  grant_proof: 'a grant with a kind of proof that is not supported',
  grant_number_not_opened:
    'a grant that does not open the commitment of its request to the number that the window showed',
  grant_of_other_number: 'a grant whose signature is over another number than the window showed',
  mismatch_without_request:
    'a wrong number for a consent that asked for none, or did not wait for an answer',
  mismatch_count: 'a wrong number that closed its request too early, or did not when it had to',
  release_without_grant: 'a release without a grant',
  release_after_refusal: 'a release though the holder had refused',
  release_after_withdrawal: 'a release though the holder had taken the grant back, or it had ended',
  release_twice: 'a second release for one consent',
  release_beyond_grant: 'a release of materials, types or fields that were not granted',
  release_of_other_action: 'a release for another action, or on another basis, than was granted',
  release_without_open_case: 'a release without its open case',
  release_key_revoked: 'a release, or a reading again, after the key that granted was taken back',
  reading_without_release: 'a reading again without a release',
  reading_after_withdrawal:
    'a reading again though the holder had taken the grant back, or it had ended',
  reading_beyond_release: 'a reading again of other certificates than were released',
  reading_without_open_case: 'a reading again without its open case',
  not_shown_withheld:
    'its case was closed, or the key that granted taken back, at the same moment, and no record says that it was withheld: whether anything left is not shown',
  pages_set_misnamed:
    'a set of pages whose name is not that of its files, or whose files are no list',
  pages_not_of_city:
    'a set of pages published by another than the city itself, or elsewhere than its sets are',
  pages_set_twice: 'a set of pages published again though no other was published since',
  operator_malformed: 'an operator who is not named by a random id',
  operator_without_terminal: 'an operator beside a caller that is no terminal',
  operator_unknown: 'an operator whom no record invited before, or who had no passkey or account',
  operator_disabled:
    'an operator who had been disabled before, or whose passkey or account had been taken away',
  operator_elsewhere: 'an operator at a terminal of another department',
  operator_without_role: 'an operator without a role that may do what the record says',
  administration_without_operator:
    'a terminal that may do what only signed-in operators do, and acts by itself',
  sample_passkey:
    'an operator signs in with the sample passkey of trials, in a city that is no trial',
  key_not_proved: 'a key of a client without proof of possession',
  key_of_two_clients: 'a key that is, or was, another client’s',
  authority_code_twice: 'an authority under the credit code of another',
  authority_key_not_approved:
    'a new key of an authority, which neither its old key nor a second administrator vouches for',
  authority_key_not_independent:
    'a new key of an authority, asked for and approved by two administrators who are not independent: their keys go back to the same registrar',
  admitted_administrator_changed:
    'an administrator admitted by a key file was disabled, enabled or given a key by another client',
  erasure_not_approved:
    'a subject was erased, and no second administrator approved it, with a key of its own, while the request stood',
  erasure_not_independent:
    'a subject was erased by two administrators who are not independent: their keys go back to the same registrar',
  authority_key_unknown: 'a certificate signed by a key that no issuing authority registered',
  authority_key_retired: 'a certificate signed by a key that was retired by then',
  authority_disabled: 'a certificate of an authority that was disabled by then',
  authority_not_entitled:
    'a certificate under a name, or of a type, that the authority whose key signed it is not registered for',
  authority_keys_changed:
    'the table of the keys of authorities is not what the records of this client say; rebuild it: mianzheng replay authority-keys',
  authority_signature: 'a certificate whose signature does not hold',
  signed_as_no_certificate: 'a certificate whose signed part was signed as something else',
  certificate_not_as_signed:
    'a certificate whose signed part is that of another type, authority, time or version',
  certificate_twice:
    'a certificate that is issued a second time, or whose first version was signed for another one',
  certificate_not_demanded:
    'an e-proof made on a consent that was not granted, or was not to print it',
  certificate_out_of_order:
    'a version of a certificate that is of before the version that it supersedes, or does not say of when it is',
} as const;

/**
 * `leaf` counts records from 0 in the order of the ledger, −1 where the place is unknown; `stream`
 * is empty and `version` −1 where no record can be named. `until` is the last record, where the
 * finding covers several.
 */
export interface Finding {
  readonly leaf: number;
  readonly stream: string;
  readonly version: number;
  readonly what: FindingCode;
  readonly until?: number;
  /**
   * Position in the event store of what is no record, in decimal; `version` is then the store's.
   */
  readonly position?: string;
  /** Leaf hash of the event, in hexadecimal. */
  readonly hash?: string;
}

/** A finding about the log as a whole. */
export const ofTheLog = (what: FindingCode): Finding => ({
  leaf: -1,
  stream: '',
  version: -1,
  what,
});

/** A wholly wrong ledger need not be listed record by record. */
export const maxFindings = 1000;

/** Collects findings, the first thousand of each kind. */
export class Findings {
  readonly #all: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();

  /** The kept ones, in order of arrival. */
  get all(): readonly Finding[] {
    return this.#all;
  }

  add(finding: Finding): void {
    if (this.hasEnoughOf(finding.what)) return;
    this.#counts.set(finding.what, (this.#counts.get(finding.what) ?? 0) + 1);
    this.#all.push(finding);
  }

  /** Whether another finding of the kind would not be kept. */
  hasEnoughOf(what: FindingCode): boolean {
    return (this.#counts.get(what) ?? 0) >= maxFindings;
  }

  addAll(findings: Iterable<Finding>): void {
    for (const finding of findings) this.add(finding);
  }
}

/**
 * Records first, in their order; then the log's findings, which follow from them, and missing
 * records first among these. Of each kind no more than a thousand.
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
