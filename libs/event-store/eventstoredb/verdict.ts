import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { EventTooLarge } from '../forming.js';
import { StoreDamaged, StoreUnavailable } from '../port.js';

/** The server's answer to an append. */
export type Verdict =
  /**
   * Written, or written before under the same ids of the server. `end`: the version of its last
   * record, `commit` its position.
   */
  | {
      readonly kind: 'written';
      readonly end: string | undefined;
      readonly commit: string | undefined;
    }
  /** The stream does not end where the append expected. */
  | { readonly kind: 'moved' }
  /** Nothing was written; a moment later it may be. */
  | { readonly kind: 'busy' }
  /**
   * Nothing was written, nor will be by this node while it is cut off from its cluster: another may
   * lead.
   */
  | { readonly kind: 'not_ready' }
  /** Perhaps written. */
  | { readonly kind: 'unknown' }
  /** Nothing was written, and nothing will be. */
  | { readonly kind: 'never'; readonly error: unknown };

/** Messages of an error without details: the server has not started the write. */
const busy = /^Server Is (?:Too )?Busy/i;
const notReady = /^(?:Server Is Not Ready|(?:No )?Leader info available)/i;

export function verdictOf(response: BatchAppendResp): Verdict {
  const success = response.getSuccess();
  if (success !== undefined)
    return {
      kind: 'written',
      end: success.hasCurrentRevision() ? success.getCurrentRevision() : undefined,
      commit: success.getPosition()?.getCommitPosition(),
    };
  const error = response.getError();
  const name = error?.getDetails()?.getTypeName() ?? '';
  switch (name.replace('event_store.client.', '')) {
    case 'WrongExpectedVersion':
      return { kind: 'moved' };
    case 'AccessDenied':
      return never(
        new StoreUnavailable(
          'store_unreachable',
          'the event store does not let this user append',
          {},
          { retryAfterSeconds: 30 },
        ),
      );
    case 'StreamDeleted':
      return never(new StoreDamaged('store_damaged', 'a stream was deleted'));
    case 'MaximumAppendSizeExceeded':
    case 'MaximumAppendEventSizeExceeded':
      return never(
        new EventTooLarge('event_too_large', 'the event store does not take so much at once'),
      );
    case 'BadRequest':
      return never(new StoreDamaged('store_damaged', 'the event store did not take an append'));
    default:
      // Timeout, Unknown and what newer servers may add: the write may have been on its way to the
      // other nodes.
      return { kind: undoneKindOf(error?.getMessage() ?? '') };
  }
}

const undoneKindOf = (message: string) =>
  busy.test(message) ? 'busy' : notReady.test(message) ? 'not_ready' : 'unknown';

const never = (error: unknown): Verdict => ({ kind: 'never', error });
