import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import pg from 'pg';
import type { CaseOutcome } from '#libs/case';
import type { Principal } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';

/** An online case in its applicant's list. */
export interface Application {
  readonly case: string;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  readonly department: string;
  readonly departmentEn?: string;
  readonly opened: Instant;
  /** null while no window has taken it. */
  readonly window: string | null;
  readonly taken: Instant | null;
  readonly closed: Instant | null;
  readonly outcome: CaseOutcome | null;
  /** Whether a request of its window waits for the holder. */
  readonly waiting: boolean;
}

/** The holder's online cases, open ones first and the newest of each first. At most 50. */
export class ListApplications extends Query<readonly Application[]> {
  constructor(readonly principal: Principal) {
    super();
  }
}

const maxRows = 50;

interface Row {
  readonly case_id: string;
  readonly matter: string;
  readonly matter_name: string;
  readonly matter_name_en: string;
  readonly department: string;
  readonly department_en: string | null;
  readonly opened: string;
  readonly window_id: string | null;
  readonly taken: string | null;
  readonly closed: string | null;
  readonly outcome: CaseOutcome | null;
  readonly waiting: boolean;
}

const statement = {
  name: 'desk-applications',
  text: `SELECT a.*, EXISTS (SELECT FROM board_consent c
                             WHERE c.case_id = a.case_id AND c.state = 'waiting' AND c.until >= $2) AS waiting
         FROM application a WHERE subject = $1
         ORDER BY closed IS NOT NULL, opened DESC, case_id LIMIT ${maxRows}`,
};

@QueryHandler(ListApplications)
export class ListApplicationsHandler implements IQueryHandler<ListApplications> {
  constructor(
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
  ) {}

  async execute({ principal }: ListApplications): Promise<readonly Application[]> {
    const { rows } = await this.pool.query<Row>({
      ...statement,
      values: [principal.subject, this.clock.now()],
    });
    return rows.map((row) => ({
      case: row.case_id,
      matter: row.matter,
      matterName: row.matter_name,
      matterNameEn: row.matter_name_en,
      department: row.department,
      ...(row.department_en !== null && { departmentEn: row.department_en }),
      opened: row.opened,
      window: row.window_id,
      taken: row.taken,
      closed: row.closed,
      outcome: row.outcome,
      waiting: row.waiting,
    }));
  }
}
