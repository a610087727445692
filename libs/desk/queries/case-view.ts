import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { caseAbsent, type CaseOutcome, CaseReader } from '#libs/case';
import { Books, consentsIn, type StatusAtWindow, statusAtWindow } from '#libs/consent';
import type { ClientCaller } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { type Requirement, requirementsOf } from '../requirements.js';

export interface ConsentOfCase {
  readonly consent: string;
  readonly role: string;
  readonly materials: readonly string[];
  readonly state: StatusAtWindow;
  readonly answerBy: Instant;
}

/** A case as its own window sees it: without subjects, numbers and names. */
export interface CaseView {
  readonly case: string;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  readonly ruleVersion: number;
  readonly window: string;
  readonly department: string;
  readonly status: 'open' | 'closed';
  readonly outcome: CaseOutcome | null;
  readonly participants: readonly { readonly role: string }[];
  readonly requirements: readonly Requirement[];
  readonly consents: readonly ConsentOfCase[];
}

/** The case with its requirements, read from the streams themselves. */
export class ViewCase extends Query<CaseView> {
  constructor(
    readonly caller: ClientCaller,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(ViewCase)
export class ViewCaseHandler implements IQueryHandler<ViewCase> {
  constructor(
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly clock: Clock,
  ) {}

  async execute({ caller, id }: ViewCase): Promise<CaseView> {
    const opened = await this.cases.opened(id, caller);
    const subjects = [...new Set(opened.participants.map(({ subject }) => subject))];
    const [found, ...read] = await Promise.all([
      this.cases.read(id),
      ...subjects.map((subject) => this.books.read(subject, { ofCase: opened })),
    ]);
    if (found === null) throw caseAbsent();
    const books = read.map(({ book }) => book);
    const now = this.clock.now();
    return {
      case: id,
      matter: opened.matter,
      matterName: opened.matterName,
      matterNameEn: opened.matterNameEn,
      ruleVersion: opened.ruleVersion,
      window: opened.window,
      department: opened.department,
      status: found.status,
      outcome: found.outcome,
      participants: opened.participants.map(({ role }) => ({ role })),
      requirements: requirementsOf(found, books, now),
      consents: books
        .flatMap((book) => [...consentsIn(book).values()])
        .filter(({ request }) => request.case === id)
        .map((consent) => ({
          consent: consent.request.consent,
          role: consent.request.role,
          materials: consent.request.asks.map(({ material }) => material),
          state: statusAtWindow(consent, now),
          answerBy: consent.request.answerBy,
        }))
        .sort((a, b) => (a.answerBy < b.answerBy ? -1 : 1)),
    };
  }
}
