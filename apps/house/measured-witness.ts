import type { Metrics } from '#libs/platform';
import { Witness, WitnessObjects } from '#libs/sealing';
import { inSpan } from '#libs/tracing';

/** A witness whose answers are counted and traced. */
export class MeasuredWitness extends Witness {
  constructor(
    private readonly witness: Witness,
    private readonly metrics: Metrics,
    /** Takes down when each witness cosigned, in milliseconds since 1970. */
    private readonly cosigned: Map<string, number>,
  ) {
    super();
  }

  get name(): string {
    return this.witness.name;
  }

  latest() {
    return this.witness.latest();
  }

  cosign(...asked: Parameters<Witness['cosign']>): Promise<readonly string[]> {
    return inSpan(
      'cosign',
      { 'mianzheng.witness': this.name },
      () => this.counted(asked),
      'client',
    );
  }

  private async counted(asked: Parameters<Witness['cosign']>): Promise<readonly string[]> {
    const { name } = this;
    try {
      const lines = await this.witness.cosign(...asked);
      this.metrics.witnessAnswers.inc({ witness: name, outcome: 'cosigned' });
      this.cosigned.set(name, Date.now());
      return lines;
    } catch (error) {
      const outcome = error instanceof WitnessObjects ? 'objects' : 'silent';
      this.metrics.witnessAnswers.inc({ witness: name, outcome });
      throw error;
    }
  }
}
