/** A record as `append` returned it. `hash` is the leaf hash in hexadecimal. */
export interface RecordName {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

/**
 * A record's receipt, or where it will be. `receipt` is the text of a C2SP tlog-proof; `at` a path
 * of this ledger.
 */
export interface ReceiptOrPlace {
  readonly receipt: string | null;
  readonly at: string;
}

/** The port of rooms whose responses contain a receipt. */
export abstract class Receipts {
  /**
   * Waits for the seal: a second where the log's own signature is enough; under a policy with
   * witnesses as long as these may take, because nothing that the record allows may happen before
   * they have seen it.
   * @throws SealPending under such a policy, where too few cosigned in time; RecordUnknown
   */
  abstract waitFor(record: RecordName): Promise<ReceiptOrPlace>;
}

/**
 * The path of a record's receipt. It contains the record's hash, so that only those who know the
 * record can fetch it.
 */
export const receiptPath = ({ stream, version, hash }: RecordName): string =>
  `/v1/receipts/${stream}/${version}?hash=${hash}`;
