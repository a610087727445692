import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type CaseEvent, caseSchemas, type CaseTerms } from '#libs/case';
import { type ConsentEvent, consentSchemas } from '#libs/consent';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection, type Together, writeInOrder } from '#libs/feed';
import { type Instant, shanghaiDay, Unreachable } from '#libs/kernel';
import { answerBy, answersNeeded } from './answered.js';
import { ofApplications } from './applications.fold.js';
import {
  areApart,
  beforeLastDay,
  BoardChanges,
  daysOf,
  type OnlineRow,
  writesOf,
} from './board.statements.js';

const consentsOfBoard = schemasOf(
  consentSchemas,
  'ConsentRequested',
  'ConsentGranted',
  'ConsentRefused',
  'ConsentWithdrawn',
  'NumberMismatched',
  'ConsentEnded',
  'ConsentRedeemed',
  'NothingReleased',
  'ReleaseWithheld',
);
type OfConsent = Extract<ConsentEvent, { readonly type: keyof typeof consentsOfBoard }>;
type BoardEvent = CaseEvent | OfConsent;

/**
 * The case boards: for each window its open cases, their pending consents, and those that it closed
 * today; for each department what came in online; for each applicant the own cases.
 */
@Injectable()
export class BoardProjection extends Projection<BoardEvent> {
  readonly name = 'board';
  readonly tables = [
    'application',
    'board_answer',
    'board_consent',
    'board_online',
    'board_closed',
    'board_case',
  ];
  readonly folds = {
    ...caseSchemas,
    ...consentsOfBoard,
  };

  override async apply(
    page: readonly RecordedEvent<BoardEvent>[],
    client: PoolClient,
  ): Promise<void> {
    const changes = changesOf(page);
    await writeInOrder(writesOf(changes), client);
    if (daysOf(changes).size > 0) await writeInOrder([beforeLastDay], client);
    await writeInOrder(ofApplications(page.filter(isOfCase)), client);
  }

  override together(page: readonly RecordedEvent<BoardEvent>[]): Together | null {
    const changes = changesOf(page);
    if (!areApart(changes)) return null;
    const [day] = daysOf(changes);
    return {
      writes: [...writesOf(changes), ...ofApplications(page.filter(isOfCase))],
      // Else what the page closes is of a day that is over: clocks differ around midnight.
      ...(day !== undefined && {
        where: {
          text: "coalesce((SELECT max(day) FROM board_closed), '') <= $1::text",
          values: [day],
        },
      }),
    };
  }
}

function changesOf(page: readonly RecordedEvent<BoardEvent>[]): BoardChanges {
  const folding = new Folding();
  for (const event of page)
    if (isOfCase(event)) folding.noteCase(event);
    else folding.noteConsent(event);
  return folding.changes;
}

const isOfCase = (event: RecordedEvent<BoardEvent>): event is RecordedEvent<CaseEvent> =>
  Object.hasOwn(caseSchemas, event.type);

class Folding {
  readonly changes = new BoardChanges();
  /** Roles of the consents that were requested in this page. */
  readonly #roles = new Map<string, string>();
  /** What was opened online in this page, at a window by now or not. */
  readonly #applied = new Map<string, OnlineRow>();

  noteCase(event: RecordedEvent<CaseEvent>): void {
    const { online, cases, taken, brought } = this.changes;
    switch (event.type) {
      case 'CaseOpened': {
        const { data, time } = event;
        const { window, queueNumber } = data;
        cases.set(data.case, {
          ...rowOf(data, time),
          ...untouched,
          window_id: window,
          origin: 'window',
          queue_number: queueNumber,
        });
        return;
      }
      case 'CaseOpenedOnline': {
        const row = rowOf(event.data, event.time);
        this.#applied.set(row.case_id, row);
        online.set(row.case_id, row);
        return;
      }
      case 'CaseTaken': {
        const { case: id, window } = event.data;
        const row = online.get(id);
        online.delete(id);
        if (row === undefined) taken.set(id, window);
        else
          cases.set(id, {
            ...row,
            ...untouched,
            window_id: window,
            origin: 'online',
            queue_number: null,
          });
        return;
      }
      case 'CaseReturned': {
        const { case: id } = event.data;
        const row = this.#applied.get(id);
        cases.delete(id);
        if (row === undefined) taken.set(id, null);
        else online.set(id, row);
        return;
      }
      case 'MaterialBrought': {
        const { case: id, material } = event.data;
        const row = cases.get(id);
        if (row === undefined) brought.set(id, [...(brought.get(id) ?? []), material]);
        else
          cases.set(id, {
            ...row,
            brought: row.brought + 1,
            brought_materials: [...row.brought_materials, material],
          });
        return;
      }
      case 'CaseClosed':
        this.#close(event.data.case, event.time, event.data.outcome);
        return;
      case 'CaseWithdrawn':
        this.#close(event.data.case, event.time, 'withdrawn');
        return;
      default:
        throw new Unreachable(event);
    }
  }

  noteConsent(event: RecordedEvent<OfConsent>): void {
    const { consents, answers, granted, redeemed, withheld } = this.changes;
    switch (event.type) {
      case 'ConsentRequested': {
        const { consent, case: id, role, asks, answerBy: until } = event.data;
        this.#roles.set(consent, role);
        const materials = asks.map(({ material }) => material);
        consents.set(consent, { consent, case_id: id, role, materials, state: 'waiting', until });
        return;
      }
      case 'ConsentGranted': {
        const { consent, redeemBy: until } = event.data;
        const row = consents.get(consent);
        if (row === undefined) granted.set(consent, until);
        else consents.set(consent, { ...row, state: 'granted', until });
        return;
      }
      case 'ConsentRedeemed': {
        const { consent, case: id, read } = event.data;
        const materials = read.map(({ material }) => material);
        const role = this.#roles.get(consent);
        if (role === undefined) redeemed.set(consent, materials);
        else
          answers.set(consent, {
            consent,
            case_id: id,
            given: materials.map((material) => answerBy(material, role)),
          });
        this.#end(consent);
        return;
      }
      case 'ReleaseWithheld':
        if (event.data.reading > 0) return;
        answers.delete(event.data.consent);
        redeemed.delete(event.data.consent);
        withheld.add(event.data.consent);
        return;
      case 'ConsentRefused':
      case 'ConsentWithdrawn':
      case 'ConsentEnded':
        this.#end(event.data.consent);
        return;
      case 'NothingReleased':
      case 'NumberMismatched':
        if (event.data.ends) this.#end(event.data.consent);
        return;
      default:
        throw new Unreachable(event);
    }
  }

  #close(id: string, closed: Instant, outcome: string): void {
    const { online, cases, closed: over, closing, consents } = this.changes;
    const how = { closed, day: shanghaiDay(closed), outcome };
    const row = cases.get(id);
    if (row !== undefined) over.set(id, { ...row, ...how });
    else if (!online.has(id)) closing.set(id, how);
    cases.delete(id);
    online.delete(id);
    for (const [consent, { case_id }] of consents) if (case_id === id) consents.delete(consent);
  }

  #end(consent: string): void {
    this.changes.consents.delete(consent);
    this.changes.granted.delete(consent);
    this.changes.ended.add(consent);
  }
}

const untouched = { brought: 0, brought_materials: [] } as const;

const rowOf = (terms: CaseTerms, opened: Instant): OnlineRow => ({
  case_id: terms.case,
  department: terms.department,
  matter: terms.matter,
  matter_name: terms.matterName,
  matter_name_en: terms.matterNameEn,
  matter_department: terms.matterDepartment,
  matter_department_en: terms.matterDepartmentEn ?? null,
  opened,
  materials: terms.materials.length,
  needed: answersNeeded(terms),
});
