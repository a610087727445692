import { type AtWindow, caseAbsent, checkOwnWindow } from './case.decider.js';
import { CaseConflict } from './case.errors.js';
import type { CaseOpened, CaseOutcome } from './case.events.js';

/** A case read from its own stream; `head` must not have moved when data are released. */
export interface CaseNow {
  readonly opened: CaseOpened['data'];
  readonly status: 'open' | 'closed';
  readonly outcome: CaseOutcome | null;
  readonly brought: readonly string[];
  readonly stream: string;
  readonly streamVersion: number;
  readonly head: string;
}

/** The first version of a participant's book that can concern the case. */
export const bookFrom = ({ participants, books }: CaseOpened['data'], subject: string): number =>
  Math.min(
    ...participants.filter((each) => each.subject === subject).map(({ role }) => books[role] ?? 0),
  );

/** Reads cases from their own streams, never from a projection. */
export abstract class CaseReader {
  abstract read(id: string): Promise<CaseNow | null>;

  /** The case, where it is of the caller's window. @throws CaseAbsent, CaseNotAllowed */
  async own(id: string, by: AtWindow): Promise<CaseNow> {
    const found = await this.read(id);
    if (found === null) throw caseAbsent();
    checkOwnWindow(found.opened, by);
    return found;
  }

  /**
   * The case, where it is of the caller's window and open. @throws CaseAbsent, CaseNotAllowed,
   * CaseConflict
   */
  async ownOpen(id: string, by: AtWindow): Promise<CaseNow> {
    const found = await this.own(id, by);
    if (found.status === 'closed') throw new CaseConflict('case_closed', 'the case is closed');
    return found;
  }
}
