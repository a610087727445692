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

/** How a case was opened, and the window that has it. */
export type PlacedCase = Pick<OwnCase, 'opened' | 'at'>;

/** The first version of a participant's book that can concern the case. */
export const bookFrom = ({ participants, books }: OpenedCase, subject: string): number =>
  Math.min(
    ...participants.filter((each) => each.subject === subject).map(({ role }) => books[role] ?? 0),
  );

/** Reads cases from their own streams, never from a projection. */
export abstract class CaseReader {
  /** As its stream is now. */
  abstract read(id: string): Promise<CaseNow | null>;

  /** As this process knows it: for what never changes about a case. */
  protected abstract known(id: string): Promise<CaseNow | null>;

  /**
   * How a case was opened, and the window that has it, where that is the caller's. It may be closed
   * by now: `mustBeOpen` tells of what is read.
   * @throws CaseAbsent, CaseNotAllowed, CaseConflict
   */
  async own(id: string, by: AtWindow): Promise<PlacedCase> {
    const known = await this.known(id);
    // A case of a window stays there; an online one may have been taken, or given back, since.
    const found = known?.opened.origin === 'online' ? await this.read(id) : known;
    if (found === null) throw caseAbsent();
    checkOwnWindow(found, by);
    return found;
  }

  /**
   * The case, where it is of the caller's window and open. @throws CaseAbsent, CaseNotAllowed,
   * CaseConflict
   */
  async ownOpen(id: string, by: AtWindow): Promise<OwnCase> {
    await this.own(id, by);
    return mustBeOpen(await this.read(id), by);
  }
}

/** @throws CaseAbsent, CaseNotAllowed, CaseConflict */
export function mustBeOpen(found: CaseNow | null, by: AtWindow): OwnCase {
  if (found === null) throw caseAbsent();
  checkOwnWindow(found, by);
  if (found.status === 'closed') throw new CaseConflict('case_closed', 'the case is closed');
  return found;
}

/** Cases that a holder opens online in a day (Asia/Shanghai): counted across all processes. */
export abstract class ApplicationLimits {
  /** Counts one; the same command counts once. @throws ApplicationLimitReached */
  abstract count(
    subject: string,
    command: { readonly idempotencyKey: string; readonly now: string },
  ): Promise<void>;
}
