import type { Metrics } from '#libs/platform';
import { Witness, WitnessAhead, WitnessObjects } from '#libs/sealing';
import { inSpan } from '#libs/tracing';

/** Outcomes of a request to a witness: `told` is its latest checkpoint, or that it has none. */
const outcomes = ['cosigned', 'told', 'silent', 'objects'] as const;
type Outcome = (typeof outcomes)[number];

/** A witness whose answers are counted and traced. */
export class MeasuredWitness extends Witness {
  constructor(
    private readonly witness: Witness,
    private readonly metrics: Metrics,
    /** Takes down when each witness cosigned, in milliseconds since 1970. */
    private readonly cosigned: Map<string, number>,
  ) {
    super();
    // Present from the start: a counter that begins with its first objection shows no increase.
    for (const outcome of outcomes) this.count(outcome, 0);
  }

  get name(): string {
    return this.witness.name;
  }

  get delayed(): boolean {
    return this.witness.delayed;
  }

  latest(): ReturnType<Witness['latest']> {
    return this.counted('told', () => this.witness.latest());
  }

  known(note: Uint8Array): ReturnType<Witness['known']> {
    return this.counted('told', () => this.witness.known(note));
  }

  cosign(...asked: Parameters<Witness['cosign']>): Promise<string> {
    return inSpan(
      'cosign',
      { 'mianzheng.witness': this.name },
      async () => {
        const line = await this.counted('cosigned', () => this.witness.cosign(...asked));
        this.cosigned.set(this.name, Date.now());
        return line;
      },
      'client',
    );
  }

  private async counted<Answer>(answered: Outcome, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await ask();
      this.count(answered);
      return answer;
    } catch (error) {
      const objects = error instanceof WitnessObjects || error instanceof WitnessAhead;
      this.count(objects ? 'objects' : 'silent');
      throw error;
    }
  }

  private count(outcome: Outcome, by = 1): void {
    this.metrics.witnessAnswers.inc({ witness: this.name, outcome }, by);
  }
}
