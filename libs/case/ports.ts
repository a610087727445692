import type { CaseOpened } from './case.events.js';

/** A case read from its own stream; `head` must not have moved when data leave. */
export interface CaseNow {
  readonly opened: CaseOpened['data'];
  readonly status: 'open' | 'closed';
  readonly brought: readonly string[];
  readonly stream: string;
  readonly streamVersion: number;
  readonly head: string;
}

export abstract class CaseReader {
  abstract read(id: string): Promise<CaseNow | null>;
}
