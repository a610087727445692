import { AbsentError, InvalidError, RefusedError } from '#libs/kernel';

/** There is no such exclusion. */
export class ExclusionAbsent extends AbsentError<'exclusion_absent'> {}

/**
 * What is to be left out is named either by a stream, or by the position and the hash of an event.
 */
export class ExclusionUnclear extends InvalidError<'exclusion_unclear'> {}

/** Foreign events are not left out: what is stored, or who calls, does not allow it. */
export class ExclusionRefused extends RefusedError<
  | 'nothing_foreign'
  | 'exclusion_of_sealed'
  | 'exclusion_of_damaged'
  | 'stream_limited'
  | 'exclusion_changed'
  | 'exclusion_withdrawn'
  | 'exclusion_expired'
  | 'exclusion_of_another_administrator'
  | 'exclusion_needs_second_administrator'
  | 'exclusion_administrators_not_independent'
  | 'exclusion_requester_changed'
> {}
