import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type CaseEvent, caseSchemas } from '#libs/case';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection, type Together, type Write, writeInOrder } from '#libs/feed';
import { shanghaiDay, Unreachable } from '#libs/kernel';

const folded = schemasOf(
  caseSchemas,
  'CaseOpened',
  'CaseOpenedOnline',
  'CaseTaken',
  'CaseReturned',
  'CaseWithdrawn',
  'MaterialBrought',
  'CaseClosed',
);
type Folded = Extract<CaseEvent, { readonly type: keyof typeof folded }>;

/** Where an open case is; empty strings until a window took it. */
interface PlaceRow {
  readonly case_id: string;
  readonly matter: string;
  readonly department: string;
  readonly window_id: string;
  readonly town: string;
}
type Taken = Pick<PlaceRow, 'window_id' | 'town'>;
interface Brought {
  readonly day: string;
  readonly reason: string;
  readonly material: string;
  readonly case_id: string;
}

/**
 * Counts the papers that are still brought, and why. The record of one names its case alone, so
 * that open cases are kept with their places.
 */
@Injectable()
export class PapersProjection extends Projection<Folded> {
  readonly name = 'papers';
  readonly tables = ['paper_case', 'paper_statistic'];
  readonly folds = folded;

  override apply(page: readonly RecordedEvent<Folded>[], client: PoolClient): Promise<void> {
    return writeInOrder(writesOf(changesOf(page)), client);
  }

  override together(page: readonly RecordedEvent<Folded>[]): Together | null {
    const changes = changesOf(page);
    // What is brought, and what goes, would not see where a stored case was taken to.
    return changes.taken.size > 0 ? null : { writes: writesOf(changes) };
  }
}

interface Changes {
  /** By case; those that the page itself takes or gives back are where it leaves them. */
  readonly opened: ReadonlyMap<string, PlaceRow>;
  /** By case that was there before. */
  readonly taken: ReadonlyMap<string, Taken>;
  readonly brought: readonly Brought[];
  readonly closed: ReadonlySet<string>;
}

function changesOf(page: readonly RecordedEvent<Folded>[]): Changes {
  const opened = new Map<string, PlaceRow>();
  const taken = new Map<string, Taken>();
  const brought: Brought[] = [];
  const closed = new Set<string>();
  const take = (case_id: string, where: Taken) => {
    const row = opened.get(case_id);
    if (row === undefined) taken.set(case_id, where);
    else opened.set(case_id, { ...row, ...where });
  };
  for (const event of page) {
    const { case: case_id } = event.data;
    switch (event.type) {
      case 'CaseOpened': {
        const { matter, department, window, town } = event.data;
        opened.set(case_id, { case_id, matter, department, window_id: window, town: town ?? '' });
        break;
      }
      case 'CaseOpenedOnline': {
        const { matter, department } = event.data;
        opened.set(case_id, { case_id, matter, department, window_id: '', town: '' });
        break;
      }
      case 'CaseTaken':
        take(case_id, { window_id: event.data.window, town: event.data.town ?? '' });
        break;
      case 'CaseReturned':
        take(case_id, { window_id: '', town: '' });
        break;
      case 'MaterialBrought': {
        const { reason, material } = event.data;
        brought.push({ day: shanghaiDay(event.time), reason, material, case_id });
        break;
      }
      case 'CaseWithdrawn':
      case 'CaseClosed':
        closed.add(case_id);
        break;
      default:
        throw new Unreachable(event);
    }
  }
  return { opened, taken, brought, closed };
}

/** What is brought finds the cases of its page among its own values, the others in the table. */
function writesOf({ opened, taken, brought, closed }: Changes): Write[] {
  const writes: Write[] = [];
  const rows = [...opened.values()];
  const open = rows.filter(({ case_id }) => !closed.has(case_id));
  const ending = [...closed].filter((case_id) => !opened.has(case_id));
  if (open.length > 0)
    writes.push({
      name: 'paper_case_new',
      text: 'INSERT INTO paper_case SELECT * FROM json_populate_recordset(NULL::paper_case, $1::json)',
      values: [JSON.stringify(open)],
    });
  if (taken.size > 0)
    writes.push({
      name: 'paper_case_taken',
      text: `
        UPDATE paper_case c SET window_id = t.window_id, town = t.town
        FROM json_populate_recordset(NULL::paper_case, $1::json) t WHERE c.case_id = t.case_id`,
      values: [JSON.stringify([...taken].map(([case_id, where]) => ({ case_id, ...where })))],
    });
  if (brought.length > 0) {
    const own = new Set(brought.map(({ case_id }) => case_id));
    writes.push({
      name: 'paper_statistic_added',
      text: `
        INSERT INTO paper_statistic AS s
          (day, reason, material, matter, department, window_id, town, papers)
        SELECT b.day, b.reason, b.material, c.matter, c.department, c.window_id, c.town, count(*)
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
          AS b (day, reason, material, case_id)
        JOIN (
          SELECT * FROM paper_case WHERE case_id = ANY($4::text[]) AND case_id <> ALL($6::text[])
          UNION ALL SELECT * FROM json_populate_recordset(NULL::paper_case, $5::json)) c
          USING (case_id)
        GROUP BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (day, reason, material, matter, department, window_id, town) DO UPDATE SET
          papers = s.papers + excluded.papers`,
      values: [
        brought.map(({ day }) => day),
        brought.map(({ reason }) => reason),
        brought.map(({ material }) => material),
        brought.map(({ case_id }) => case_id),
        JSON.stringify(rows.filter(({ case_id }) => own.has(case_id))),
        [...opened.keys()],
      ],
    });
  }
  if (ending.length > 0)
    writes.push({
      name: 'paper_case_over',
      text: 'DELETE FROM paper_case WHERE case_id = ANY($1::text[])',
      values: [ending],
    });
  return writes;
}
