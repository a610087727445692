import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type CaseEvent, caseSchemas } from '#libs/case';
import { type ConsentEvent, consentSchemas } from '#libs/consent';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection } from '#libs/feed';
import { Unreachable } from '#libs/kernel';
import type { BoardCase, BoardConsent } from './board.entity.js';

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
);
type BoardEvent =
  CaseEvent | Extract<ConsentEvent, { readonly type: keyof typeof consentsOfBoard }>;

/**
 * Changes of a page to the tables. Rows created within the page are changed in memory; stored rows,
 * by statement.
 */
interface Effects {
  readonly closed: Set<string>;
  readonly ended: Set<string>;
  readonly cases: Map<string, BoardCase>;
  readonly consents: Map<string, BoardConsent>;
  readonly granted: Map<string, string>;
  readonly brought: Map<string, number>;
}

/** The case board: for each window its open cases, and their pending consents. */
@Injectable()
export class BoardProjection extends Projection<BoardEvent> {
  readonly name = 'board';
  readonly tables = ['board_consent', 'board_case'];
  readonly folds = {
    ...caseSchemas,
    ...consentsOfBoard,
  };

  async apply(page: readonly RecordedEvent<BoardEvent>[], client: PoolClient): Promise<void> {
    const effects: Effects = {
      closed: new Set(),
      ended: new Set(),
      cases: new Map(),
      consents: new Map(),
      granted: new Map(),
      brought: new Map(),
    };
    for (const event of page) note(effects, event);
    await write(effects, client);
  }
}

function note(effects: Effects, event: RecordedEvent<BoardEvent>): void {
  switch (event.type) {
    case 'CaseOpened': {
      const { data } = event;
      effects.cases.set(data.case, {
        caseId: data.case,
        department: data.department,
        windowId: data.window,
        matter: data.matter,
        matterName: data.matterName,
        matterNameEn: data.matterNameEn,
        opened: event.time,
        materials: data.materials.length,
        brought: 0,
      });
      return;
    }
    case 'MaterialBrought': {
      const row = effects.cases.get(event.data.case);
      if (row !== undefined) row.brought++;
      else effects.brought.set(event.data.case, (effects.brought.get(event.data.case) ?? 0) + 1);
      return;
    }
    case 'CaseClosed':
      effects.cases.delete(event.data.case);
      effects.brought.delete(event.data.case);
      effects.closed.add(event.data.case);
      for (const [id, { caseId }] of effects.consents)
        if (caseId === event.data.case) effects.consents.delete(id);
      return;
    case 'ConsentRequested':
      effects.consents.set(event.data.consent, {
        consent: event.data.consent,
        caseId: event.data.case,
        role: event.data.role,
        materials: event.data.asks.map(({ material }) => material),
        state: 'waiting',
        until: event.data.answerBy,
      });
      return;
    case 'ConsentGranted': {
      const row = effects.consents.get(event.data.consent);
      if (row === undefined) effects.granted.set(event.data.consent, event.data.redeemBy);
      else {
        row.state = 'granted';
        row.until = event.data.redeemBy;
      }
      return;
    }
    case 'ConsentRefused':
    case 'ConsentWithdrawn':
    case 'ConsentEnded':
    case 'ConsentRedeemed':
      endConsent(effects, event.data.consent);
      return;
    case 'NothingReleased':
    case 'NumberMismatched':
      if (event.data.ends) endConsent(effects, event.data.consent);
      return;
    default:
      throw new Unreachable(event);
  }
}

function endConsent(effects: Effects, consent: string): void {
  effects.consents.delete(consent);
  effects.granted.delete(consent);
  effects.ended.add(consent);
}

/** Deletions come first: what the page adds afterwards stays, as if records came one by one. */
async function write(effects: Effects, client: PoolClient): Promise<void> {
  const { closed, ended, granted, brought } = effects;
  const cases = [...effects.cases.values()];
  const consents = [...effects.consents.values()];
  if (closed.size + ended.size > 0)
    await client.query(
      'DELETE FROM board_consent WHERE case_id = ANY($1::text[]) OR consent = ANY($2::text[])',
      [[...closed], [...ended]],
    );
  if (closed.size > 0)
    await client.query('DELETE FROM board_case WHERE case_id = ANY($1::text[])', [[...closed]]);
  if (granted.size > 0)
    await client.query(
      `UPDATE board_consent b SET state = 'granted', until = g.until
       FROM unnest($1::text[], $2::text[]) AS g (consent, until) WHERE b.consent = g.consent`,
      [[...granted.keys()], [...granted.values()]],
    );
  if (brought.size > 0)
    await client.query(
      `UPDATE board_case b SET brought = b.brought + m.n
       FROM unnest($1::text[], $2::int[]) AS m (case_id, n) WHERE b.case_id = m.case_id`,
      [[...brought.keys()], [...brought.values()]],
    );
  if (cases.length > 0)
    await client.query(
      `INSERT INTO board_case
         (case_id, department, window_id, matter, matter_name, matter_name_en, opened, materials,
          brought)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                            $6::text[], $7::text[], $8::int[], $9::int[])`,
      [
        cases.map((row) => row.caseId),
        cases.map((row) => row.department),
        cases.map((row) => row.windowId),
        cases.map((row) => row.matter),
        cases.map((row) => row.matterName),
        cases.map((row) => row.matterNameEn),
        cases.map((row) => row.opened),
        cases.map((row) => row.materials),
        cases.map((row) => row.brought),
      ],
    );
  if (consents.length > 0)
    await client.query(
      `INSERT INTO board_consent (consent, case_id, role, materials, state, until)
       SELECT consent, case_id, role, string_to_array(materials, ';'), state, until
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         AS c (consent, case_id, role, materials, state, until)`,
      [
        consents.map((row) => row.consent),
        consents.map((row) => row.caseId),
        consents.map((row) => row.role),
        consents.map((row) => row.materials.join(';')),
        consents.map((row) => row.state),
        consents.map((row) => row.until),
      ],
    );
}
