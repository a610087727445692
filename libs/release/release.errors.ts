import type { MissingReason } from '#libs/consent';
import { AbsentError, InternalError, RefusedError } from '#libs/kernel';

/**
 * None of the materials can be answered: the consent is not spent. The code is the reason where it is one for all of them;
 * `facts.missing` names each material with its own.
 */
export class NothingToRelease extends RefusedError<MissingReason | 'nothing_to_release'> {
  static for(missing: readonly { readonly material: string; readonly reason: MissingReason }[]) {
    const [first] = missing;
    const same = first !== undefined && missing.every(({ reason }) => reason === first.reason);
    return new NothingToRelease(
      same ? first.reason : 'nothing_to_release',
      'none of the materials can be answered from a certificate',
      { missing: missing.map(({ material, reason }) => `${material}: ${reason}`) },
      { hint: 'The papers have to be brought. The consent is not spent.' },
    );
  }
}

/** Something moved between the record and the data: nothing left, and the record says so. */
export class ReleaseHeldBack extends RefusedError<
  'case_moved' | 'certificate_moved' | 'subject_erased'
> {}

/** Under this Idempotency-Key data were handed over once; answers are not kept, so there is none to give again. */
export class AlreadyAnswered extends RefusedError<'reading_already_answered'> {}

/** What was opened is not what was to be opened. Nothing leaves. */
export class OpenedWrongly extends InternalError<'disclosure_unexpected'> {}

/** There is nothing to state: no such case, none of the caller's, or nothing was released in it. They are not told apart. */
export class StatementAbsent extends AbsentError<'statement_absent'> {}
