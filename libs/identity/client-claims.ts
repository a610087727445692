import type pg from 'pg';
import { type EventStore, load } from '#libs/event-store';
import { clientStream, type ClientState } from './identity.decider.js';
import { ClientConflict } from './identity.errors.js';
import { clientRules } from './identity.stream.js';

/** What only one client may have: a public key, or an authority's credit code. */
export type Claim = { readonly key: string } | { readonly code: string };

/**
 * Reserves unique values for one client. An implementation **must** exclude all other clients, in
 * all processes, while `work` runs, and let the next request take over a claim without a record.
 */
export abstract class ClientClaims {
  /**
   * Runs `work`, which appends the record that makes the claims true.
   * @throws ClientConflict `client_key_taken`, `authority_code_taken`
   */
  abstract during<Result>(
    client: string,
    claims: readonly Claim[],
    work: () => Promise<Result>,
  ): Promise<Result>;

  /**
   * The client that requested the claim last, or null; its stream tells whether it was recorded.
   */
  abstract holderOf(claim: Claim): Promise<string | null>;
}

/** Any number that no other lock of the database has. */
const lock = 7_203_511_846;

/**
 * Claims in `client_claim`, written before the record. The stream of a row's client tells whether
 * it was recorded; one session lock serialises registrations meanwhile, so that a row without a
 * record can be taken over.
 */
export class PostgresClientClaims extends ClientClaims {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
  ) {
    super();
  }

  override during<Result>(
    client: string,
    claims: readonly Claim[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    // One at a time in a process: waiting for the lock keeps a connection, and the work needs
    // another of the same pool.
    const mine = this.#turn.then(() => this.#locked(client, claims, work));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  override async holderOf(claim: Claim): Promise<string | null> {
    const { rows } = await this.pool.query<{ client: string }>(
      'SELECT client FROM client_claim WHERE what = $1',
      [nameOf(claim)],
    );
    return rows[0]?.client ?? null;
  }

  async #locked<Result>(
    client: string,
    claims: readonly Claim[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    const connection = await this.pool.connect();
    let broken = true;
    try {
      await connection.query('SELECT pg_advisory_lock($1)', [lock]);
      try {
        for (const claim of claims) await this.#take(connection, client, claim);
        return await work();
      } finally {
        await connection.query('SELECT pg_advisory_unlock($1)', [lock]);
        broken = false;
      }
    } finally {
      // A session that may still hold the lock is ended.
      connection.release(broken);
    }
  }

  async #take(connection: pg.ClientBase, client: string, claim: Claim): Promise<void> {
    const what = nameOf(claim);
    const { rows } = await connection.query<{ client: string }>(
      `INSERT INTO client_claim AS c (what, client) VALUES ($1, $2)
       ON CONFLICT (what) DO UPDATE SET client = c.client RETURNING client`,
      [what, client],
    );
    const owner = rows[0]?.client ?? client;
    if (owner === client) return;
    const { state } = await load(this.store, clientStream(owner), clientRules);
    if (holds(state, claim))
      throw 'key' in claim
        ? new ClientConflict('client_key_taken', 'the key is, or was, that of another client', {
            kid: claim.key,
          })
        : new ClientConflict(
            'authority_code_taken',
            'another client is the authority of this credit code',
            { creditCode: claim.code, client: owner },
            { hint: 'Give that client a new key, or enable it again.' },
          );
    await connection.query('UPDATE client_claim SET client = $2 WHERE what = $1', [what, client]);
  }
}

const nameOf = (claim: Claim): string =>
  'key' in claim ? `key:${claim.key}` : `code:${claim.code}`;

function holds(state: ClientState, claim: Claim): boolean {
  if (state.status === 'absent') return false;
  return 'key' in claim
    ? state.retired.includes(claim.key) || state.keys.some(({ kid }) => kid === claim.key)
    : state.registered.authority?.creditCode === claim.code;
}
