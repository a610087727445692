import type pg from 'pg';
import type { EventStore, Position, PositionedRecord, RecordedEvent } from '#libs/event-store';
import { UnavailableError } from '#libs/kernel';
import { inSpan } from '#libs/tracing';
import type { Projection } from '../projection.js';
import { foldAtOnce } from './at-once.js';
import {
  type HeldLease,
  holdCheckpoint,
  inTransaction,
  type Move,
  moveCheckpoint,
  moveCheckpoints,
} from './checkpoint.js';

/**
 * Records a page. Folding a page costs a few statements whatever its size, so larger pages are
 * cheaper until memory matters.
 */
export const pageSize = 4000;

/** The part of a page that a projection folds. */
export function partOf(
  projection: Projection,
  page: readonly PositionedRecord[],
  after: Position,
): readonly RecordedEvent[] {
  const next = page.findIndex((record) => record.position > after);
  return next < 0 ? [] : projection.partOf(next === 0 ? page : page.slice(next));
}

/**
 * Folds a page that begins after `from` into the projection's tables and moves its checkpoint, in
 * one transaction. Nothing happens where the stored checkpoint is not `from`, because another
 * process folded or rebuilt meanwhile.
 * @returns the stored position afterwards
 * @throws LeaseLost
 */
export function foldPage(
  pool: pg.Pool,
  projection: Projection,
  from: Position,
  page: readonly PositionedRecord[],
  lease: HeldLease,
): Promise<Position> {
  const last = page.at(-1)?.position ?? from;
  if (last <= from) return Promise.resolve(from);
  const part = partOf(projection, page, from);
  return inTransaction(pool, async (client) => {
    const stored = await holdCheckpoint(client, projection.name, lease);
    if (stored !== from) return stored;
    if (part.length > 0) await projection.apply(part, client);
    await moveCheckpoint(client, projection.name, last);
    return last;
  });
}

/** What one projection folds of a page, and its checkpoint's way over the page. */
export interface Share extends Pick<Move, 'from' | 'to'> {
  readonly projection: Projection;
  readonly part: readonly RecordedEvent[];
}

/**
 * Folds a page for several projections and moves all their checkpoints, all of it or nothing: in
 * one statement where each can write its part so, else in one transaction.
 * @returns false, and nothing is changed, where a checkpoint is not at its `from`, or the lease is
 *   lost
 */
export async function foldTogether(
  pool: pg.Pool,
  shares: readonly Share[],
  lease: HeldLease,
  /** Told of the projections that one statement wrote, and how many seconds it took. */
  wroteAtOnce: (projections: readonly string[], seconds: number) => void = () => undefined,
): Promise<boolean> {
  const moves = shares.map(({ projection: { name }, from, to }) => ({ name, from, to }));
  const folding = shares.filter(({ part }) => part.length > 0);
  const together = folding.flatMap(({ projection, part }) => projection.together?.(part) ?? []);
  if (together.length === folding.length) {
    const names = folding.map(({ projection: { name } }) => name);
    const began = performance.now();
    if (await inSpan('fold', spanOf(folding), () => foldAtOnce(pool, moves, together, lease))) {
      wroteAtOnce(names, (performance.now() - began) / 1000);
      return true;
    }
  }
  return inTransaction(
    pool,
    async (client) => {
      // Its rows are locked before any table is written, as those of a rebuild are.
      const moved = await moveCheckpoints(client, moves, lease);
      if (moved.size < moves.length) return false;
      for (const { projection, part } of folding) await projection.apply(part, client);
      return true;
    },
    { idleMs: null, keep: (all) => all },
  );
}

const spanOf = (folding: readonly Share[]) => ({
  'mianzheng.projection': folding.map(({ projection: { name } }) => name).join(' '),
  'mianzheng.records': Math.max(0, ...folding.map(({ part }) => part.length)),
});

/**
 * The store lacks records that were in its feed before: it is temporarily behind, or an older copy.
 * Nothing may be concluded from it.
 */
export class FeedBehind extends UnavailableError<'feed_behind'> {}

/**
 * Every record after `from`, up to and with the one at `upTo`, page by page.
 * @throws FeedBehind where the feed ends before `upTo`
 */
export async function* pagesOf(
  store: EventStore,
  from: Position,
  upTo: Position,
): AsyncGenerator<readonly PositionedRecord[], void> {
  for (let after = from; after < upTo;) {
    const page = await store.readAll(after, pageSize);
    const wanted = page.filter((record) => record.position <= upTo);
    const last = wanted.at(-1);
    if (last !== undefined) yield wanted;
    after = last?.position ?? after;
    // A record after `upTo`, or nothing: everything wanted was given, or is missing.
    if (after < upTo && wanted.length < Math.max(1, page.length))
      throw new FeedBehind(
        'feed_behind',
        'the event store ends before records that were read from it',
        {},
        { hint: 'Try again. Where it stays so, what answers is an older copy of the event store.' },
      );
  }
}
