import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import type { CaseOutcome } from '#libs/case';
import type { ClientCaller } from '#libs/identity';
import { Clock, type Instant, shanghaiDay } from '#libs/kernel';
import { BoardClosed } from '../board.entity.js';
import { type CaseOfBoard, caseOf, givenIn, maxRows } from './board.js';

export interface ClosedCase extends CaseOfBoard {
  readonly closed: Instant;
  readonly outcome: CaseOutcome;
}

/**
 * What the caller's window closed today (Asia/Shanghai), the last first, without any data. At most
 * 200.
 */
export class ShowClosedToday extends Query<readonly ClosedCase[]> {
  constructor(readonly caller: ClientCaller) {
    super();
  }
}

@QueryHandler(ShowClosedToday)
export class ShowClosedTodayHandler implements IQueryHandler<ShowClosedToday> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({
    caller: { department, window },
  }: ShowClosedToday): Promise<readonly ClosedCase[]> {
    if (window === null) return [];
    const cases = await this.database.getRepository(BoardClosed).find({
      where: { department, windowId: window, day: shanghaiDay(this.clock.now()) },
      order: { closed: 'DESC', caseId: 'ASC' },
      take: maxRows,
    });
    const given = await givenIn(
      this.database,
      cases.map(({ caseId }) => caseId),
    );
    return cases.map((row) => ({
      ...caseOf(row, given),
      closed: row.closed,
      outcome: row.outcome,
    }));
  }
}
