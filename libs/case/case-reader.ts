import { Injectable } from '@nestjs/common';
import { EventStore, type Folded, statesOf } from '#libs/event-store';
import type { CaseState } from './case.decider.js';
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
    const [found] = await statesOf(this.store).look({ stream, rules: caseRules });
    return nowOf(stream, found);
  }

  protected override async known(id: string): Promise<CaseNow | null> {
    const stream = caseStream(id);
    if (stream === null) return null;
    const known = await statesOf(this.store).known({ stream, rules: caseRules });
    return nowOf(stream, known) ?? this.read(id);
  }
}

function nowOf(stream: string, { state, version, head }: Folded<CaseState>): CaseNow | null {
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
