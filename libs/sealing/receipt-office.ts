/** A record as its writer knows it: what `append` answered. `hash` is the leaf hash in hexadecimal. */
export interface RecordName {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

/** A record's receipt, or where it will be. `receipt` is the text of a C2SP tlog-proof; `at` a path of this ledger. */
export interface ReceiptOrPlace {
  readonly receipt: string | null;
  readonly at: string;
}

/** What rooms that owe a receipt ask for it. */
export abstract class ReceiptOffice {
  /**
   * Waits for the seal: a second where the log's own signature is enough; under a policy that needs witnesses, as long as these may take,
   * because nothing that the record allows may happen before they have seen it.
   * @throws SealPending under such a policy, where they did not come; RecordUnknown
   */
  abstract attend(record: RecordName): Promise<ReceiptOrPlace>;
}

/** Where the receipt of a record can be fetched. Only who knows the record's hash gets it. */
export const receiptPath = ({ stream, version, hash }: RecordName): string =>
  `/v1/receipts/${stream}/${version}?hash=${hash}`;
