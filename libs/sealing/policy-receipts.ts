import { nodeVerify } from './node-crypto.js';
import type { LogPolicy } from './log-policy.js';
import { Receipts, receiptPath, type ReceiptOrPlace, type RecordName } from './receipts.js';
import type { LogReceipts } from './log-receipts.js';
import { SealPending } from './sealing.errors.js';
import { HttpWitness } from './witness-client.js';

/**
 * How long a release waits for the log's own signature, and for witnesses that its policy needs, in
 * milliseconds.
 */
const patience = { log: 1000, witnesses: 10_000 };

/** Receipts for other rooms, by the policy of the log. */
export class PolicyReceipts extends Receipts {
  constructor(
    private readonly receipts: LogReceipts,
    private readonly policy: LogPolicy,
  ) {
    super();
  }

  async waitFor(record: RecordName): Promise<ReceiptOrPlace> {
    const needed = this.policy.needsWitnesses;
    const receipt = await this.receipts.within(record, needed ? patience.witnesses : patience.log);
    if (receipt === null && needed)
      throw new SealPending(
        'seal_pending',
        'the witnesses have not seen the record yet, and nothing is handed over before',
        { at: receiptPath(record) },
        { retryAfterSeconds: 5, hint: 'Read it again at this terminal while the case is open.' },
      );
    return { receipt, at: receiptPath(record) };
  }
}

/**
 * The witnesses of a policy that can be asked.
 * @param monitoring their monitoring prefixes by name, where these are others than the policy says
 */
export const witnessesOf = (
  { policy }: LogPolicy,
  monitoring: ReadonlyMap<string, string> = new Map(),
): HttpWitness[] => {
  const [log] = policy.logs;
  if (log === undefined) return [];
  return policy.witnesses.flatMap(({ name, key, url, monitoringUrl }) =>
    url === null
      ? []
      : [
          new HttpWitness({
            name,
            key,
            url,
            monitoringUrl: monitoring.get(name) ?? monitoringUrl,
            origin: log.key.name,
            logKey: log.key,
            verify: nodeVerify,
          }),
        ],
  );
};
