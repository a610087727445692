import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import { readSubject } from '../subject.stream.js';

/** One key that speaks, or spoke, for the holder. */
export interface OwnPhoneKey {
  readonly jkt: string;
  readonly state: 'active' | 'revoked';
  /** Whose terminal signed the enrolment. */
  readonly department: string;
  /** Whether it is the key that asks. */
  readonly asking: boolean;
}

/** All keys that were ever enrolled for the holder who asks: what was enrolled behind somebody's back shows here. */
export class FindOwnPhoneKeys extends Query<{ readonly keys: OwnPhoneKey[] }> {
  constructor(readonly caller: PhoneCaller) {
    super();
  }
}

@QueryHandler(FindOwnPhoneKeys)
export class FindOwnPhoneKeysHandler implements IQueryHandler<FindOwnPhoneKeys> {
  constructor(private readonly store: EventStore) {}

  async execute({ caller }: FindOwnPhoneKeys): Promise<{ keys: OwnPhoneKey[] }> {
    const state = await readSubject(this.store, caller.subject);
    if (state.status === 'unknown') return { keys: [] };
    const keys = Array.from(state.keys, ([jkt, { status, enrolment }]) => ({
      jkt,
      state: status,
      department: state.enrolments.get(enrolment)?.department ?? '',
      asking: jkt === caller.jkt,
    }));
    return { keys };
  }
}
