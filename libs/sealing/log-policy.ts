import { utf8Bytes } from '#libs/kernel';
import { parsePolicy, type Policy } from '#libs/verify';

/** The policy of this log, as it is served and as it is read. */
export class LogPolicy {
  readonly policy: Policy;
  /** The file's bytes: names in it are octets (tlog-policy). */
  readonly octets: Uint8Array;

  /** @throws PolicyError */
  constructor(policy: string | Uint8Array) {
    this.octets = typeof policy === 'string' ? utf8Bytes(policy) : policy;
    this.policy = parsePolicy(this.octets);
  }

  /** Whether a checkpoint needs other cosigners than the log itself. */
  get needsWitnesses(): boolean {
    const { quorum } = this.policy;
    return quorum.is === 'witness' || quorum.needed > 0;
  }
}
