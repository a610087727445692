import type pg from 'pg';
import type { EventStore, Position, PositionedRecord, RecordedEvent } from '#libs/event-store';
import { UnavailableError } from '#libs/kernel';
import type { Projection } from '../projection.js';
import { type HeldLease, holdCheckpoint, inTransaction, moveCheckpoint } from './checkpoint.js';

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
  return move(pool, projection, from, last, partOf(projection, page, from), lease);
}

/**
 * Moves the checkpoint over records of which the projection folds none. @returns the stored
 * position afterwards. @throws LeaseLost
 */
export const moveOn = (
  pool: pg.Pool,
  projection: Projection,
  from: Position,
  to: Position,
  lease: HeldLease,
): Promise<Position> => move(pool, projection, from, to, [], lease);

function move(
  pool: pg.Pool,
  projection: Projection,
  from: Position,
  to: Position,
  part: readonly RecordedEvent[],
  lease: HeldLease,
): Promise<Position> {
  return inTransaction(pool, async (client) => {
    const stored = await holdCheckpoint(client, projection.name, lease);
    if (stored !== from) return stored;
    if (part.length > 0) await projection.apply(part, client);
    await moveCheckpoint(client, projection.name, to);
    return to;
  });
}

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
