import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { caseAbsent, type CaseOutcome, CaseReader, isOfApplicant } from '#libs/case';
import { Books } from '#libs/consent';
import type { Principal } from '#libs/identity';
import { Clock } from '#libs/kernel';
import { answeredIn, type Requirement, requirementsOf } from '../requirements.js';
import { type Stage, stageOf } from '../stage.js';
import { booksOfCase, type ConsentOfCase, consentsOfCase } from './case-view.js';

/** An online case as its applicant sees it. */
export interface ApplicationView {
  readonly case: string;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  readonly department: string;
  readonly departmentEn?: string;
  /** null while no window has taken it. */
  readonly window: string | null;
  readonly stage: Stage;
  readonly outcome: CaseOutcome | null;
  readonly answered: number;
  readonly requirements: readonly Requirement[];
  readonly consents: readonly ConsentOfCase[];
}

/** One of the holder's online cases, read from the streams themselves. @throws CaseAbsent */
export class ViewApplication extends Query<ApplicationView> {
  constructor(
    readonly principal: Principal,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(ViewApplication)
export class ViewApplicationHandler implements IQueryHandler<ViewApplication> {
  constructor(
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, id }: ViewApplication): Promise<ApplicationView> {
    const found = await this.cases.read(id);
    if (found === null || !isOfApplicant(found.opened, principal.subject)) throw caseAbsent();
    const { opened } = found;
    const books = await booksOfCase(this.books, found);
    const now = this.clock.now();
    const requirements = requirementsOf(found, books, now);
    const consents = consentsOfCase(found, books, now);
    const { departmentEn } = opened;
    return {
      case: id,
      matter: opened.matter,
      matterName: opened.matterName,
      matterNameEn: opened.matterNameEn,
      department: opened.department,
      ...(departmentEn !== undefined && { departmentEn }),
      window: found.at?.window ?? null,
      stage: stageOf(found, requirements, consents),
      outcome: found.outcome,
      answered: answeredIn(requirements),
      requirements,
      consents,
    };
  }
}
