import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import {
  caseAbsent,
  type CaseNow,
  type CaseOrigin,
  type CaseOutcome,
  CaseReader,
  checkOwnWindow,
} from '#libs/case';
import { type Book, Books, consentsIn, type StatusAtWindow, statusAtWindow } from '#libs/consent';
import type { ClientCaller } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { answeredIn, type Requirement, requirementsOf } from '../requirements.js';

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
  readonly origin: CaseOrigin;
  readonly queueNumber: string | null;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  /** Whose matter it is, which may be another department than the window's. */
  readonly matterDepartment: string | null;
  readonly matterDepartmentEn?: string;
  readonly ruleVersion: number;
  readonly window: string;
  readonly department: string;
  readonly departmentEn?: string;
  readonly status: 'open' | 'closed';
  readonly outcome: CaseOutcome | null;
  readonly participants: readonly { readonly role: string }[];
  /** How many of the materials were exempted. */
  readonly answered: number;
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
    const own = await this.cases.own(id, caller);
    const { opened } = own;
    const [found, books] = await Promise.all([this.cases.read(id), booksOfCase(this.books, own)]);
    if (found === null) throw caseAbsent();
    checkOwnWindow(found, caller);
    const now = this.clock.now();
    const requirements = requirementsOf(found, books, now);
    const { matterDepartmentEn, departmentEn } = opened;
    return {
      case: id,
      origin: opened.origin,
      queueNumber: opened.queueNumber,
      matter: opened.matter,
      matterName: opened.matterName,
      matterNameEn: opened.matterNameEn,
      matterDepartment: opened.matterDepartment,
      ...(matterDepartmentEn !== undefined && { matterDepartmentEn }),
      ruleVersion: opened.ruleVersion,
      window: found.at.window,
      department: opened.department,
      ...(departmentEn !== undefined && { departmentEn }),
      status: found.status,
      outcome: found.outcome,
      participants: opened.participants.map(({ role }) => ({ role })),
      answered: answeredIn(requirements),
      requirements,
      consents: consentsOfCase(found, books, now),
    };
  }
}

/** The books of the participants, each once, from the opening of the case on. */
export const booksOfCase = (
  books: Books,
  { opened }: Pick<CaseNow, 'opened'>,
): Promise<readonly Book[]> =>
  Promise.all(
    [...new Set(opened.participants.map(({ subject }) => subject))].map(
      async (subject) => (await books.read(subject, { ofCase: opened })).book,
    ),
  );

export const consentsOfCase = (
  { opened }: Pick<CaseNow, 'opened'>,
  books: readonly Book[],
  now: Instant,
): readonly ConsentOfCase[] =>
  books
    .flatMap((book) => [...consentsIn(book).values()])
    .filter(({ request }) => request.case === opened.case)
    .map((consent) => ({
      consent: consent.request.consent,
      role: consent.request.role,
      materials: consent.request.asks.map(({ material }) => material),
      state: statusAtWindow(consent, now),
      answerBy: consent.request.answerBy,
    }))
    .sort((a, b) => (a.answerBy < b.answerBy ? -1 : 1));
