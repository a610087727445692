import type { PoolClient } from 'pg';
import type { RecordedEvent, Schemas } from '#libs/event-store';
import { Projection, type Together } from '#libs/feed';
import type { Metrics } from '#libs/platform';
import { inSpan } from '#libs/tracing';

/** A projection whose pages are timed and traced. */
export class MeasuredProjection extends Projection {
  constructor(
    private readonly projection: Projection,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  get name(): string {
    return this.projection.name;
  }
  get tables(): readonly string[] {
    return this.projection.tables;
  }
  get folds(): Schemas {
    return this.projection.folds;
  }

  async apply(page: readonly RecordedEvent[], client: PoolClient): Promise<void> {
    const attributes = {
      'mianzheng.projection': this.name,
      'mianzheng.records': page.length,
    };
    const end = this.metrics.projectionSeconds.startTimer({ projection: this.name });
    try {
      await inSpan('fold', attributes, () => this.projection.apply(page, client));
    } finally {
      end();
    }
  }

  /** Timed where it is written, with what the others write in the same statement. */
  override together(page: readonly RecordedEvent[]): Together | null {
    return this.projection.together?.(page) ?? null;
  }
}
