import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import type { HolderPasskey, PhoneCaller, Principal } from '#libs/identity';
import { readSubject } from '../subject.stream.js';

/** A key that acts, or acted, for the holder. */
export interface OwnPhoneKey {
  readonly jkt: string;
  readonly state: 'active' | 'revoked';
  /** The department whose terminal signed the enrolment. */
  readonly department: string;
  /** Whether it is the calling key. */
  readonly asking: boolean;
  /** That were made beside it; those of a revoked key are revoked, too. */
  readonly passkeys: readonly OwnPasskey[];
}

export interface OwnPasskey extends Omit<HolderPasskey, 'backedUp'> {
  readonly state: 'active' | 'revoked';
  readonly statement: string;
}

/**
 * All keys ever enrolled for the calling holder, so that an enrolment without the holder's
 * knowledge is visible.
 */
export class FindOwnPhoneKeys extends Query<{ readonly keys: OwnPhoneKey[] }> {
  constructor(
    readonly caller: PhoneCaller,
    readonly principal: Principal,
  ) {
    super();
  }
}

@QueryHandler(FindOwnPhoneKeys)
export class FindOwnPhoneKeysHandler implements IQueryHandler<FindOwnPhoneKeys> {
  constructor(private readonly store: EventStore) {}

  async execute({ caller, principal }: FindOwnPhoneKeys): Promise<{ keys: OwnPhoneKey[] }> {
    const state = await readSubject(this.store, principal.subject);
    if (state.status === 'absent') return { keys: [] };
    const keys = Array.from(state.keys, ([jkt, { status, enrolment }]) => ({
      jkt,
      state: status,
      department: state.enrolments.get(enrolment)?.department ?? '',
      asking: jkt === caller.jkt,
      passkeys: Array.from(state.passkeys, ([ofPasskey, passkey]) => ({ ofPasskey, ...passkey }))
        .filter(({ phone }) => phone === jkt)
        .map((passkey) => ({
          jkt: passkey.ofPasskey,
          jwk: passkey.jwk,
          credential: passkey.credential,
          rpId: passkey.rpId,
          transports: passkey.transports,
          state: status === 'revoked' ? status : passkey.status,
          statement: passkey.statement,
        })),
    }));
    return { keys };
  }
}
