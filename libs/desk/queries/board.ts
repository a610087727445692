import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource, In, MoreThanOrEqual } from 'typeorm';
import type { ClientCaller } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { answeredCount } from '../answered.js';
import {
  BoardAnswer,
  BoardCase,
  type BoardClosed,
  BoardConsent,
  BoardOnline,
} from '../board.entity.js';

/** A case as a board names it. */
export interface NamedCase {
  readonly case: string;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  readonly opened: Instant;
  readonly materials: number;
}

export interface CaseOfBoard extends NamedCase {
  readonly origin: 'window' | 'online';
  readonly queueNumber: string | null;
  /** How many of the materials were exempted, and how many were brought. */
  readonly answered: number;
  readonly brought: number;
}

export interface BoardEntry extends CaseOfBoard {
  readonly consents: readonly {
    readonly consent: string;
    readonly role: string;
    readonly materials: readonly string[];
    readonly state: 'waiting' | 'granted';
    readonly until: Instant;
  }[];
}

export interface Board {
  readonly cases: readonly BoardEntry[];
  readonly online: readonly NamedCase[];
}

/**
 * The open cases of the caller's window, newest first, with their pending consents, and the online
 * cases of its department that no window has taken, oldest first. At most 200 each.
 */
export class ShowBoard extends Query<Board> {
  constructor(readonly caller: ClientCaller) {
    super();
  }
}

export const maxRows = 200;

@QueryHandler(ShowBoard)
export class ShowBoardHandler implements IQueryHandler<ShowBoard> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ caller: { department, window } }: ShowBoard): Promise<Board> {
    if (window === null) return { cases: [], online: [] };
    const [cases, online] = await Promise.all([
      this.database.getRepository(BoardCase).find({
        where: { department, windowId: window },
        order: { opened: 'DESC', caseId: 'ASC' },
        take: maxRows,
      }),
      this.database.getRepository(BoardOnline).find({
        where: { department },
        order: { opened: 'ASC', caseId: 'ASC' },
        take: maxRows,
      }),
    ]);
    const ids = cases.map(({ caseId }) => caseId);
    const [consents, given] = await Promise.all([this.consents(ids), givenIn(this.database, ids)]);
    return {
      cases: cases.map((row) => ({
        ...caseOf(row, given),
        consents: consents
          .filter(({ caseId }) => caseId === row.caseId)
          .map(({ consent, role, materials, state, until }) => ({
            consent,
            role,
            materials,
            state,
            until,
          })),
      })),
      online: online.map(nameOf),
    };
  }

  private async consents(cases: readonly string[]): Promise<readonly BoardConsent[]> {
    if (cases.length === 0) return [];
    return this.database.getRepository(BoardConsent).find({
      where: { caseId: In([...cases]), until: MoreThanOrEqual(this.clock.now()) },
      order: { until: 'ASC', consent: 'ASC' },
    });
  }
}

/** By case, what releases answered. */
export async function givenIn(
  database: DataSource,
  cases: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (cases.length === 0) return new Map();
  const answers = await database
    .getRepository(BoardAnswer)
    .find({ where: { caseId: In([...cases]) } });
  const given = new Map<string, Set<string>>();
  for (const { caseId, given: some } of answers)
    given.set(caseId, new Set([...(given.get(caseId) ?? []), ...some]));
  return given;
}

const nameOf = (row: BoardOnline): NamedCase => ({
  case: row.caseId,
  matter: row.matter,
  matterName: row.matterName,
  matterNameEn: row.matterNameEn,
  opened: row.opened,
  materials: row.materials,
});

export const caseOf = (
  row: BoardCase | BoardClosed,
  given: ReadonlyMap<string, ReadonlySet<string>>,
): CaseOfBoard => ({
  ...nameOf(row),
  origin: row.origin,
  queueNumber: row.queueNumber,
  answered: answeredCount(row.needed, given.get(row.caseId) ?? new Set(), row.broughtMaterials),
  brought: row.brought,
});
