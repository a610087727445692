import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource, In, MoreThanOrEqual } from 'typeorm';
import type { ClientCaller } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { BoardCase, BoardConsent } from '../board.entity.js';

export interface BoardEntry {
  readonly case: string;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  readonly opened: Instant;
  readonly materials: number;
  readonly brought: number;
  readonly consents: readonly {
    readonly consent: string;
    readonly role: string;
    readonly materials: readonly string[];
    readonly state: 'waiting' | 'granted';
    readonly until: Instant;
  }[];
}

/**
 * The open cases of the caller's window, newest first, with their pending consents. At most 200.
 */
export class ShowBoard extends Query<readonly BoardEntry[]> {
  constructor(readonly caller: ClientCaller) {
    super();
  }
}

const maxRows = 200;

@QueryHandler(ShowBoard)
export class ShowBoardHandler implements IQueryHandler<ShowBoard> {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ caller }: ShowBoard): Promise<readonly BoardEntry[]> {
    if (caller.window === null) return [];
    const cases = await this.database.getRepository(BoardCase).find({
      where: { department: caller.department, windowId: caller.window },
      order: { opened: 'DESC', caseId: 'ASC' },
      take: maxRows,
    });
    if (cases.length === 0) return [];
    const consents = await this.database.getRepository(BoardConsent).find({
      where: {
        caseId: In(cases.map(({ caseId }) => caseId)),
        until: MoreThanOrEqual(this.clock.now()),
      },
      order: { until: 'ASC', consent: 'ASC' },
    });
    return cases.map(
      ({ caseId, matter, matterName, matterNameEn, opened, materials, brought }) => ({
        case: caseId,
        matter,
        matterName,
        matterNameEn,
        opened,
        materials,
        brought,
        consents: consents
          .filter((consent) => consent.caseId === caseId)
          .map(({ consent, role, materials: asked, state, until }) => ({
            consent,
            role,
            materials: asked,
            state,
            until,
          })),
      }),
    );
  }
}
