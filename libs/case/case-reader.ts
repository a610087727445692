import { Injectable } from '@nestjs/common';
import { EventStore, statesOf } from '#libs/event-store';
import type { CaseOpened } from './case.events.js';
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
    const [{ state, version, head }] = await statesOf(this.store).look({
      stream,
      rules: caseRules,
    });
    if (state.status === 'absent' || head === null) return null;
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

  protected override async known(id: string): Promise<CaseOpened['data'] | null> {
    const stream = caseStream(id);
    if (stream === null) return null;
    const { state } = await statesOf(this.store).known({ stream, rules: caseRules });
    return state.status === 'absent' ? ((await this.read(id))?.opened ?? null) : state.opened;
  }
}
