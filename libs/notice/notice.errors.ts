import { UnavailableError } from '#libs/kernel';

/** As many streams of events are open in this process as may be. */
export class EventStreamsFull extends UnavailableError<'event_streams_full'> {}

/**
 * Why a stream of events ends although its caller may have another: a newer one of the same caller
 * took its place, or this process follows the ledger no more.
 */
export class EventStreamOver extends UnavailableError<
  'event_stream_replaced' | 'event_stream_closed'
> {}
