import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  AbsentError,
  canonicalize,
  ConflictError,
  type Instant,
  plusSeconds,
  TooManyError,
} from '#libs/kernel';
import type { Jwk } from '../jws.js';

/** There is no offer under this handle or ticket, or it has expired. */
export class TerminalOfferAbsent extends AbsentError<'terminal_offer_absent'> {}
export class TerminalOfferConflict extends ConflictError<
  // two browsers came with one invitation
  | 'terminal_offer_taken'
  // the key signed for other details than the administrator gives now
  | 'terminal_offer_proved'
  // a proof was sent before an administrator gave the details
  | 'terminal_offer_waiting'
> {}
export class TooManyTerminalOffers extends TooManyError<'terminal_offers_too_many'> {}

/** Seconds within which an administrator registers a terminal that showed its handle. */
export const offerHolds = 900;
/** Strangers fill this table: more than a city's administrators can answer at once are refused. */
const maxOpenOffers = 5000;
/** Tabs of one browser have one key. */
const maxOffersOfKey = 3;

/** The administrator's details of the terminal; its key signs exactly these. */
export type TerminalDetails = Readonly<{
  name: string;
  department: string;
  window: string;
  town: string | null;
}>;

/**
 * A browser that wants to become a terminal: its key, its details, and the proof for its
 * registration as a client.
 */
export interface TerminalOffer {
  readonly handle: string;
  readonly jkt: string;
  readonly jwk: Jwk;
  readonly details: TerminalDetails | null;
  readonly proof: string | null;
  readonly expires: Instant;
}

interface Row {
  readonly handle: string;
  readonly jkt: string;
  readonly jwk: Jwk;
  readonly details: TerminalDetails | null;
  readonly proof: string | null;
  readonly expires: Date;
}

const columns = 'handle, jkt, jwk, details, proof, expires';

/**
 * The exchange between a browser that shows a handle and the administrator who registers it (as in
 * the device flow of RFC 8628). Nothing here is in the ledger: the administrator's own command
 * appends the registration.
 */
export class TerminalOffers {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * @param ticket known to the browser alone; its hash is kept
   * @throws TerminalOfferConflict `terminal_offer_taken`, TooManyTerminalOffers
   */
  async put(
    { handle, jkt, jwk }: Pick<TerminalOffer, 'handle' | 'jkt' | 'jwk'>,
    ticket: string,
    now: Instant,
  ): Promise<Instant> {
    const expires = plusSeconds(now, offerHolds);
    await this.pool.query(
      `DELETE FROM terminal_offer WHERE expires < $1::timestamptz OR handle IN (
         SELECT handle FROM terminal_offer WHERE jkt = $2 AND handle <> $3
         ORDER BY expires DESC OFFSET $4)`,
      [now, jkt, handle, maxOffersOfKey - 1],
    );
    const { rows } = await this.pool.query<Pick<Row, 'jkt' | 'expires'> & { ticket_hash: Buffer }>(
      `INSERT INTO terminal_offer AS o (handle, ticket_hash, jkt, jwk, expires)
       SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM terminal_offer) < $6
       ON CONFLICT (handle) DO UPDATE SET handle = o.handle
       RETURNING o.ticket_hash, o.jkt, o.expires`,
      [handle, hashed(ticket), jkt, jwk, expires, maxOpenOffers],
    );
    const [row] = rows;
    if (row === undefined)
      throw new TooManyTerminalOffers(
        'terminal_offers_too_many',
        'too many browsers wait to become terminals',
        {},
        { retryAfterSeconds: 60 },
      );
    if (!row.ticket_hash.equals(hashed(ticket)) || row.jkt !== jkt)
      throw new TerminalOfferConflict(
        'terminal_offer_taken',
        'another browser came with this invitation',
        {},
        { hint: 'Ask the administrator for a new one.' },
      );
    return row.expires.toISOString();
  }

  /** @throws TerminalOfferAbsent */
  byTicket(ticket: string, now: Instant): Promise<TerminalOffer> {
    return this.#find('ticket_hash', hashed(ticket), now);
  }

  /** @throws TerminalOfferAbsent */
  byHandle(handle: string, now: Instant): Promise<TerminalOffer> {
    return this.#find('handle', handle, now);
  }

  /** Whether one of these keys is that of a browser which offers itself now. */
  async isOffered(jkts: readonly string[], now: Instant): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      'SELECT FROM terminal_offer WHERE jkt = ANY($1) AND expires >= $2::timestamptz LIMIT 1',
      [jkts, now],
    );
    return rowCount !== 0;
  }

  /**
   * Details can be corrected until the key signed them.
   * @throws TerminalOfferAbsent, TerminalOfferConflict `terminal_offer_proved`
   */
  async describe(handle: string, details: TerminalDetails, now: Instant): Promise<TerminalOffer> {
    const { rows } = await this.pool.query<Row>(
      `UPDATE terminal_offer SET details = $2
       WHERE handle = $1 AND expires >= $3::timestamptz AND proof IS NULL RETURNING ${columns}`,
      [handle, details, now],
    );
    const [row] = rows;
    if (row !== undefined) return offerOf(row);
    const there = await this.byHandle(handle, now);
    if (there.details !== null && canonicalize(there.details) === canonicalize(details))
      return there;
    throw new TerminalOfferConflict(
      'terminal_offer_proved',
      'the terminal signed for other details already',
      {},
      { hint: 'Register it with these, or have it make a new offer.' },
    );
  }

  /**
   * @param proved the proof, and the details that it is over
   * @throws TerminalOfferAbsent; TerminalOfferConflict where the details were corrected meanwhile
   */
  async prove(
    handle: string,
    { proof, details }: { readonly proof: string; readonly details: TerminalDetails },
    now: Instant,
  ): Promise<void> {
    const { rowCount } = await this.pool.query(
      `UPDATE terminal_offer SET proof = $2
       WHERE handle = $1 AND expires >= $3::timestamptz AND details = $4::jsonb`,
      [handle, proof, now, details],
    );
    if (rowCount !== 0) return;
    await this.byHandle(handle, now);
    throw new TerminalOfferConflict(
      'terminal_offer_waiting',
      'the administrator has corrected the details meanwhile',
      {},
      { hint: 'Read the offer again, and sign the new details.' },
    );
  }

  async #find(
    column: 'handle' | 'ticket_hash',
    value: string | Buffer,
    now: Instant,
  ): Promise<TerminalOffer> {
    const { rows } = await this.pool.query<Row>(
      `SELECT ${columns} FROM terminal_offer
       WHERE ${column} = $1 AND expires >= $2::timestamptz`,
      [value, now],
    );
    const [row] = rows;
    if (row === undefined) throw absent();
    return offerOf(row);
  }
}

const offerOf = ({ expires, ...row }: Row): TerminalOffer => ({
  ...row,
  expires: expires.toISOString(),
});

const absent = () =>
  new TerminalOfferAbsent(
    'terminal_offer_absent',
    'no browser offers itself as a terminal under this code',
    {},
    { hint: 'The code is shown for 15 minutes: have the browser show a new one.' },
  );

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();
