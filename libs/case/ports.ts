import { type AtWindow, caseAbsent, checkOwnWindow, type OpenedCase } from './case.decider.js';
import { CaseConflict } from './case.errors.js';
import type { CaseOutcome, CasePlace } from './case.events.js';

/** A case read from its own stream; `head` must not have moved when data are released. */
export interface CaseNow {
  readonly opened: OpenedCase;
  /** The window whose case it is; null while none has taken it. */
  readonly at: CasePlace | null;
  readonly status: 'untaken' | 'open' | 'closed';
  readonly outcome: CaseOutcome | null;
  readonly brought: readonly string[];
  readonly stream: string;
  readonly streamVersion: number;
  readonly head: string;
}

/** A case at the window of the caller. */
export interface OwnCase extends CaseNow {
  readonly status: 'open' | 'closed';
  readonly at: CasePlace;
}

/** The first version of a participant's book that can concern the case. */
export const bookFrom = ({ participants, books }: OpenedCase, subject: string): number =>
  Math.min(
    ...participants.filter((each) => each.subject === subject).map(({ role }) => books[role] ?? 0),
  );

/** Reads cases from their own streams, never from a projection. */
export abstract class CaseReader {
  abstract read(id: string): Promise<CaseNow | null>;

  /**
   * The case, where it is of the caller's window. @throws CaseAbsent, CaseNotAllowed, CaseConflict
   */
  async own(id: string, by: AtWindow): Promise<OwnCase> {
    const found = await this.read(id);
    if (found === null) throw caseAbsent();
    checkOwnWindow(found, by);
    return found;
  }

  /**
   * The case, where it is of the caller's window and open. @throws CaseAbsent, CaseNotAllowed,
   * CaseConflict
   */
  async ownOpen(id: string, by: AtWindow): Promise<OwnCase> {
    const found = await this.own(id, by);
    if (found.status === 'closed') throw new CaseConflict('case_closed', 'the case is closed');
    return found;
  }
}

/** Cases that a holder opens online in a day (Asia/Shanghai): counted across all processes. */
export abstract class ApplicationLimits {
  /** Counts one; the same command counts once. @throws ApplicationLimitReached */
  abstract count(
    subject: string,
    command: { readonly idempotencyKey: string; readonly now: string },
  ): Promise<void>;
}
