import { parsePolicy, type Policy } from '#libs/verify';

/** The policy of this log, as text that is served and as it is read. */
export class LogPolicy {
  readonly policy: Policy;

  /** @throws PolicyError */
  constructor(readonly text: string) {
    this.policy = parsePolicy(text);
  }

  /** Whether a checkpoint needs others than the log itself. */
  get needsWitnesses(): boolean {
    const { quorum } = this.policy;
    return quorum.is === 'witness' || quorum.needed > 0;
  }
}
