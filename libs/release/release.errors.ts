import type { MissingReason } from '#libs/consent';
import { AbsentError, InternalError, RefusedError } from '#libs/kernel';

/**
 * None of the materials can be answered: that was recorded, and the consent stays usable until the
 * third time. The code is the reason where it is one for all of them; `facts.missing` names each
 * material with its own.
 */
export class NothingToRelease extends RefusedError<MissingReason | 'nothing_to_release'> {
  static for(missing: readonly { readonly material: string; readonly reason: MissingReason }[]) {
    const [first] = missing;
    const same = first !== undefined && missing.every(({ reason }) => reason === first.reason);
    return new NothingToRelease(
      same ? first.reason : 'nothing_to_release',
      'none of the materials can be answered from a certificate',
      { missing: missing.map(({ material, reason }) => `${material}: ${reason}`) },
      {
        hint: 'The papers have to be brought. It stands in the book of the holder that this was told.',
      },
    );
  }
}

/**
 * A precondition changed between the record and the release: no data left, which is recorded.
 * `facts.reason` is a `WithheldReason`.
 */
export class ReleaseHeldBack extends RefusedError<'release_withheld'> {}

/**
 * Data were released once under this Idempotency-Key; responses are not kept, so that there is none
 * to repeat.
 */
export class AlreadyAnswered extends RefusedError<'reading_already_answered'> {}

/** The opened data are not those to be opened. Nothing is released. */
export class OpenedWrongly extends InternalError<'disclosure_unexpected'> {}

/**
 * There is no statement: no such case, none of the caller's, or nothing was released in it. These
 * are not distinguished.
 */
export class StatementAbsent extends AbsentError<'statement_absent'> {}
