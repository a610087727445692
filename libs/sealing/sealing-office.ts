import { nodeVerify } from './node-crypto.js';
import type { LogPolicy } from './log-policy.js';
import {
  ReceiptOffice,
  receiptPath,
  type ReceiptOrPlace,
  type RecordName,
} from './receipt-office.js';
import type { Receipts } from './receipts.js';
import { SealPending } from './sealing.errors.js';
import { HttpWitness } from './witness-client.js';

/** How long a release waits for the log's own signature, and for witnesses that its policy needs, in milliseconds. */
const patience = { log: 1000, witnesses: 10_000 };

/** Receipts as rooms get them, by the policy of the log. */
export class SealingOffice extends ReceiptOffice {
  constructor(
    private readonly receipts: Receipts,
    private readonly policy: LogPolicy,
  ) {
    super();
  }

  async attend(record: RecordName): Promise<ReceiptOrPlace> {
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

/** The witnesses of a policy that can be asked. */
export const witnessesOf = ({ policy }: LogPolicy): HttpWitness[] => {
  const [log] = policy.logs;
  if (log === undefined) return [];
  return policy.witnesses.flatMap(({ name, key, url }) =>
    url === null
      ? []
      : [
          new HttpWitness({
            name,
            key,
            url,
            origin: log.key.name,
            logKey: log.key,
            verify: nodeVerify,
          }),
        ],
  );
};
