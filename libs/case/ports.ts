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
  /** As its stream is now. */
  abstract read(id: string): Promise<CaseNow | null>;

  /** As this process knows it: for what never changes about a case. */
  protected abstract known(id: string): Promise<CaseOpened['data'] | null>;

  /**
   * How a case was opened, where it is of the caller's window. It may be closed by now: `open`
   * tells of what is read.
   * @throws CaseAbsent, CaseNotAllowed
   */
  async opened(id: string, by: AtWindow): Promise<CaseOpened['data']> {
    const opened = await this.known(id);
    if (opened === null) throw caseAbsent();
    checkOwnWindow(opened, by);
    return opened;
  }

  /**
   * The case, where it is of the caller's window and open. @throws CaseAbsent, CaseNotAllowed,
   * CaseConflict
   */
  async ownOpen(id: string, by: AtWindow): Promise<CaseNow> {
    await this.opened(id, by);
    return mustBeOpen(await this.read(id));
  }
}

/** @throws CaseAbsent, CaseConflict */
export function mustBeOpen(found: CaseNow | null): CaseNow {
  if (found === null) throw caseAbsent();
  if (found.status === 'closed') throw new CaseConflict('case_closed', 'the case is closed');
  return found;
}
