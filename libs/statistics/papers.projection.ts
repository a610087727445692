import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type CaseEvent, caseSchemas } from '#libs/case';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection } from '#libs/feed';
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

  async apply(page: readonly RecordedEvent<Folded>[], client: PoolClient): Promise<void> {
    const opened = new Map<string, PlaceRow>();
    const taken = new Map<string, Pick<PlaceRow, 'case_id' | 'window_id' | 'town'>>();
    const brought: Brought[] = [];
    const closed: string[] = [];
    for (const event of page) {
      const { case: case_id } = event.data;
      switch (event.type) {
        case 'CaseOpened': {
          const { matter, department, window, town } = event.data;
          opened.set(case_id, {
            case_id,
            matter,
            department,
            window_id: window,
            town: town ?? '',
          });
          break;
        }
        case 'CaseOpenedOnline': {
          const { matter, department } = event.data;
          opened.set(case_id, { case_id, matter, department, window_id: '', town: '' });
          break;
        }
        case 'CaseTaken':
          taken.set(case_id, {
            case_id,
            window_id: event.data.window,
            town: event.data.town ?? '',
          });
          break;
        case 'CaseReturned':
          taken.set(case_id, { case_id, window_id: '', town: '' });
          break;
        case 'MaterialBrought': {
          const { reason, material } = event.data;
          brought.push({ day: shanghaiDay(event.time), reason, material, case_id });
          break;
        }
        case 'CaseWithdrawn':
        case 'CaseClosed':
          closed.push(case_id);
          break;
        default:
          throw new Unreachable(event);
      }
    }
    await write(client, [...opened.values()], [...taken.values()], brought, closed);
  }
}

/** Cases first, so that what was brought finds them, and what is closed goes last. */
async function write(
  client: PoolClient,
  opened: readonly PlaceRow[],
  taken: readonly object[],
  brought: readonly Brought[],
  closed: readonly string[],
): Promise<void> {
  if (opened.length > 0)
    await client.query(
      'INSERT INTO paper_case SELECT * FROM json_populate_recordset(NULL::paper_case, $1::json)',
      [JSON.stringify(opened)],
    );
  if (taken.length > 0)
    await client.query(
      `UPDATE paper_case c SET window_id = t.window_id, town = t.town
       FROM json_populate_recordset(NULL::paper_case, $1::json) t WHERE c.case_id = t.case_id`,
      [JSON.stringify(taken)],
    );
  if (brought.length > 0)
    await client.query(
      `INSERT INTO paper_statistic AS s
         (day, reason, material, matter, department, window_id, town, papers)
       SELECT b.day, b.reason, b.material, c.matter, c.department, c.window_id, c.town, count(*)
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS b (day, reason, material, case_id)
       JOIN paper_case c USING (case_id)
       GROUP BY 1, 2, 3, 4, 5, 6, 7
       ON CONFLICT (day, reason, material, matter, department, window_id, town) DO UPDATE SET
         papers = s.papers + excluded.papers`,
      [
        brought.map(({ day }) => day),
        brought.map(({ reason }) => reason),
        brought.map(({ material }) => material),
        brought.map(({ case_id }) => case_id),
      ],
    );
  if (closed.length > 0)
    await client.query('DELETE FROM paper_case WHERE case_id = ANY($1::text[])', [closed]);
}
