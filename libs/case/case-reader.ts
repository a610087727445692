import { Injectable } from '@nestjs/common';
import { EventStore, load } from '#libs/event-store';
import { caseRules, caseStream } from './case.stream.js';
import { type CaseNow, CaseReader } from './ports.js';

@Injectable()
export class StreamCaseReader extends CaseReader {
  constructor(private readonly store: EventStore) {
    super();
  }

  async read(id: string): Promise<CaseNow | null> {
    const stream = caseStream(id);
    if (stream === null) return null;
    const { state, version, head } = await load(this.store, stream, caseRules);
    if (state.status === 'absent' || head === null) return null;
    const { opened, at, status, brought } = state;
    return {
      opened,
      at,
      status,
      outcome: state.status === 'closed' ? state.outcome : null,
      brought,
      stream,
      streamVersion: version,
      head,
    };
  }
}
