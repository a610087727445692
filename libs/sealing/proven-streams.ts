import type { BookOnFile } from '#libs/verify';
import type { RecordName } from './receipts.js';

/** Whole streams with proofs, for their subjects. */
export abstract class ProvenStreams {
  /**
   * A whole stream with a receipt for each record and the signed head, all under the latest
   * checkpoint: the input of `verifyBook`.
   * @throws RecordUnknown where the stream has no sealed record; SealPending; StoreDamaged where it
   *   is incomplete, of which no head is signed
   */
  abstract whole(stream: string, last?: RecordName): Promise<BookOnFile>;
}
