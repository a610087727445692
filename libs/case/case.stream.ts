import { Injectable } from '@nestjs/common';
import { EventStore, load, upcasting } from '#libs/event-store';
import { caseDecider } from './case.decider.js';
import { type CaseEvent, caseSchemas } from './case.events.js';
import { type CaseNow, CaseReader } from './ports.js';

export const caseRules = { ...caseDecider, codec: upcasting<CaseEvent>(caseSchemas) };

/** Ids are made by the ledger: 22 letters of base64url. Anything else names no stream, and is not looked for. */
export const caseStream = (id: string): string | null =>
  /^[A-Za-z0-9_-]{22}$/.test(id) ? `case-${id}` : null;

@Injectable()
export class StreamCaseReader extends CaseReader {
  constructor(private readonly store: EventStore) {
    super();
  }

  async read(id: string): Promise<CaseNow | null> {
    const stream = caseStream(id);
    if (stream === null) return null;
    const { state, version, head } = await load(this.store, stream, caseRules);
    if (state.status === 'none' || head === null) return null;
    const { opened, status, brought } = state;
    return {
      opened,
      status,
      outcome: state.status === 'closed' ? state.outcome : null,
      brought,
      stream,
      streamVersion: version,
      head,
    };
  }
}
