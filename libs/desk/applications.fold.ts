import type { CaseEvent } from '#libs/case';
import type { RecordedEvent } from '#libs/event-store';
import type { Write } from '#libs/feed';
import { Unreachable } from '#libs/kernel';

interface OpenedRow {
  readonly case_id: string;
  readonly subject: string;
  readonly matter: string;
  readonly matter_name: string;
  readonly matter_name_en: string;
  readonly department: string;
  readonly department_en: string | null;
  readonly opened: string;
}

/** What came of an application within a page. */
interface Change {
  readonly window_id?: string | null;
  readonly taken?: string | null;
  readonly closed?: string;
  readonly outcome?: string;
}

/** What each holder applied for online, and how far it is: part of the page that boards fold. */
export function ofApplications(page: readonly RecordedEvent<CaseEvent>[]): Write[] {
  /** Those of the page are as it leaves them. */
  const opened = new Map<string, OpenedRow & Change>();
  const changes = new Map<string, Change>();
  /** What a window gave back: at none, unless one took it again after. */
  const returned = new Set<string>();
  const change = (id: string, what: Change) => {
    const row = opened.get(id);
    if (row === undefined) changes.set(id, { ...changes.get(id), ...what });
    else opened.set(id, { ...row, ...what });
  };
  for (const event of page) {
    const { time } = event;
    switch (event.type) {
      case 'CaseOpenedOnline': {
        const { data } = event;
        const [applicant] = data.participants;
        if (applicant !== undefined)
          opened.set(data.case, {
            case_id: data.case,
            subject: applicant.subject,
            matter: data.matter,
            matter_name: data.matterName,
            matter_name_en: data.matterNameEn,
            department: data.department,
            department_en: data.departmentEn ?? null,
            opened: time,
          });
        break;
      }
      case 'CaseTaken':
        change(event.data.case, { window_id: event.data.window, taken: time });
        break;
      case 'CaseReturned': {
        const { case: id } = event.data;
        const row = opened.get(id);
        if (row !== undefined) {
          opened.set(id, { ...row, window_id: null, taken: null });
          break;
        }
        // Nothing but that it was taken can have come before.
        changes.delete(id);
        returned.add(id);
        break;
      }
      case 'CaseWithdrawn':
        change(event.data.case, { closed: time, outcome: 'withdrawn' });
        break;
      case 'CaseClosed':
        change(event.data.case, { closed: time, outcome: event.data.outcome });
        break;
      case 'CaseOpened':
      case 'MaterialBrought':
        break;
      default:
        throw new Unreachable(event);
    }
  }
  const writes: Write[] = [];
  if (opened.size > 0)
    writes.push({
      name: 'application_new',
      text: 'INSERT INTO application SELECT * FROM json_populate_recordset(NULL::application, $1::json)',
      values: [JSON.stringify([...opened.values()])],
    });
  if (returned.size > 0)
    writes.push({
      name: 'application_returned',
      text: 'UPDATE application SET window_id = NULL, taken = NULL WHERE case_id = ANY($1::text[])',
      values: [[...returned]],
    });
  // Cases of windows are closed, too: they have no row here.
  if (changes.size > 0)
    writes.push({
      name: 'application_changed',
      text: `
        UPDATE application a
        SET window_id = coalesce(n.window_id, a.window_id), taken = coalesce(n.taken, a.taken),
            closed = coalesce(n.closed, a.closed), outcome = coalesce(n.outcome, a.outcome)
        FROM json_populate_recordset(NULL::application, $1::json) n WHERE a.case_id = n.case_id`,
      values: [JSON.stringify([...changes].map(([case_id, what]) => ({ case_id, ...what })))],
    });
  return writes;
}
