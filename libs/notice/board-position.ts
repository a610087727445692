import type pg from 'pg';
import { checkpointOf } from '#libs/feed/runner';
import type { Position } from '#libs/event-store';

/** How far the read model of the boards is, whichever process folds it. */
export abstract class BoardPosition {
  abstract position(): Promise<Position>;
}

export class CheckpointOfBoard extends BoardPosition {
  /** @param projection its name */
  constructor(
    private readonly pool: pg.Pool,
    private readonly projection: string,
  ) {
    super();
  }

  position(): Promise<Position> {
    return checkpointOf(this.pool, this.projection);
  }
}
