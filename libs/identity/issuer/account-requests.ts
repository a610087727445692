import type pg from 'pg';
import { type Clock, type Instant, plusSeconds } from '#libs/kernel';
import type { AccountRequest } from '../operators/accounts/operators-issuer.js';
import { interactionHolds } from './sign-in.js';

/** A request to the operators' issuer, as it waits for its answer. */
export interface PendingRequest extends Omit<AccountRequest, 'state'> {
  readonly begun: Instant;
  /** Of the operator who opened it; null where the account should be bound already. */
  readonly invitation: { readonly operator: string; readonly hash: string } | null;
}

/**
 * What an interaction keeps of a sign-in at the operators' issuer, in `sign_in_artifact` under its
 * uid: a request by its `state`, taken once, and the account that was proved.
 */
export class AccountRequests {
  constructor(
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
  ) {}

  put(uid: string, state: string, request: PendingRequest): Promise<void> {
    return this.#put('AccountRequest', `${uid} ${state}`, request);
  }

  /** Null where this interaction began none of this state, or it was answered, or has expired. */
  async take(uid: string, state: string): Promise<PendingRequest | null> {
    // The write is the judge: of several answers at once, one gets on.
    const { rows } = await this.pool.query<{ payload: PendingRequest }>(
      `DELETE FROM sign_in_artifact WHERE kind = 'AccountRequest' AND id = $1
         AND expires >= $2::timestamptz RETURNING payload`,
      [`${uid} ${state}`, this.clock.now()],
    );
    return rows[0]?.payload ?? null;
  }

  prove(uid: string, account: string): Promise<void> {
    return this.#put('ProvedAccount', uid, { account });
  }

  async provedAt(uid: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ payload: { readonly account: string } }>(
      `SELECT payload FROM sign_in_artifact WHERE kind = 'ProvedAccount' AND id = $1
         AND expires >= $2::timestamptz`,
      [uid, this.clock.now()],
    );
    return rows[0]?.payload.account ?? null;
  }

  async #put(kind: string, id: string, payload: object): Promise<void> {
    const now = this.clock.now();
    await this.pool.query(
      `INSERT INTO sign_in_artifact (kind, id, payload, expires) VALUES ($1, $2, $3, $4)
       ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, expires = excluded.expires`,
      [kind, id, payload, plusSeconds(now, interactionHolds)],
    );
  }
}
