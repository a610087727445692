import { type EventStore, StoreDamaged } from '#libs/event-store';
import { type Instant, utf8Text } from '#libs/kernel';
import type { ReceiptOrPlace, RecordName } from '#libs/sealing';
import type { HandedOver } from './handed-over.js';

/**
 * The response to a release, which with its receipt is the input of `verifyRelease` of the offline
 * verifier. `record` is its place (stream, version, leaf hash in hexadecimal), with the bytes
 * stored there (UTF-8 text), the commitment in them and the salt (both base64url) that only the
 * receiver gets.
 */
export interface Released {
  readonly handedOver: HandedOver;
  /** 0 for the release itself, n for the n-th time it was read again. */
  readonly reading: number;
  readonly readAgainUntil: Instant;
  readonly record: {
    readonly stream: string;
    readonly version: number;
    readonly hash: string;
    readonly bytes: string;
    readonly commitment: string;
    readonly salt: string;
  };
  /** Proof that the record is in the sealed log, or where it will be. */
  readonly receipt: ReceiptOrPlace;
}

/**
 * The bytes of a record that was just appended, as they are stored.
 * @throws StoreDamaged where another record is there; StoreUnavailable
 */
export async function storedBytes(
  store: Pick<EventStore, 'readStream'>,
  { stream, version, hash }: RecordName,
): Promise<string> {
  const [record] = await store.readStream(stream, version);
  if (record?.hash !== hash)
    throw new StoreDamaged('store_damaged', 'a record is not where it was written', {
      stream,
      version,
    });
  return utf8Text(record.bytes);
}
