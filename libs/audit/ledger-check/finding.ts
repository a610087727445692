/** What is wrong with a ledger. Codes, so that programs can switch on them; none of them says anything about anybody. */
export type What =
  | 'position' // not the one after the position before: a record was deleted, moved or inserted
  | 'bytes' // no record of the format
  | 'hash' // the stored hash is not that of the bytes
  | 'place' // the bytes name another stream, version or city than the row or the ledger
  | 'version' // not the one after the stream's version before
  | 'prev' // not the hash of the stream's record before
  | 'missing' // the head row counts a record that nobody finds
  | 'leaf' // sealed as something else
  | 'sealed_tail' // one of the last records (at most 255, those that no full tile covers) is not what was sealed
  | 'tile' // a stored tile is not that of the records
  | 'sealed_head' // the stored root is not that of the records
  | 'checkpoint' // what the log signed is not the tree of the records, or covers more than there are
  | 'checkpoint_not_trusted' // the policy does not trust the checkpoint
  | 'grant_without_request'
  | 'grant_of_other_request'
  | 'grant_key_unknown'
  | 'grant_signature'
  | 'release_without_grant'
  | 'release_twice'
  | 'release_without_open_case'
  | 'reading_without_release'
  | 'authority_key_unknown'
  | 'authority_signature';

/** `stream` is empty and `version` −1 where no record can be named. */
export interface Finding {
  readonly stream: string;
  readonly version: number;
  readonly what: What;
}

/** A ledger that is all wrong need not be told record by record. */
export const mostFindings = 1000;
