import type pg from 'pg';
import { ConflictError } from '#libs/kernel';

/** Passkeys were made for another RP ID than the one that this program is told. */
export class RelyingPartyChanged extends ConflictError<'rp_id_changed'> {}

/** For whom passkeys are made and checked (Web Authentication Level 3, section 4). */
export interface RelyingParty {
  /** The RP ID: a domain name. */
  readonly id: string;
  /** Where pages are served: a passkey's answer from any other is refused. */
  readonly origin: string;
  /** Whether the sample passkey is taken: in a trial that only its own machine reaches. */
  readonly takesSamples: boolean;
}

/**
 * The RP ID of this city, in `relying_party`: the first passkey fixes it, because passkeys work
 * under no other.
 */
export class FixedRelyingParty {
  constructor(
    private readonly pool: pg.Pool,
    private readonly party: RelyingParty,
  ) {}

  /** At a start: nothing is fixed yet. @throws RelyingPartyChanged */
  async check(): Promise<void> {
    const { rows } = await this.pool.query<{ rp_id: string }>('SELECT rp_id FROM relying_party');
    this.#compare(rows[0]?.rp_id ?? this.party.id);
  }

  /** Before a passkey is made. @throws RelyingPartyChanged */
  async fix(): Promise<void> {
    const { rows } = await this.pool.query<{ rp_id: string }>(
      `INSERT INTO relying_party AS r (rp_id) VALUES ($1)
       ON CONFLICT (one) DO UPDATE SET rp_id = r.rp_id RETURNING rp_id`,
      [this.party.id],
    );
    this.#compare(rows[0]?.rp_id ?? this.party.id);
  }

  #compare(fixed: string): void {
    if (fixed === this.party.id) return;
    throw new RelyingPartyChanged(
      'rp_id_changed',
      `operators' passkeys were made for the RP ID ${fixed}, and this program is told ${this.party.id}`,
      { fixed, told: this.party.id },
      {
        hint: `Set RP_ID=${fixed}, and a PUBLIC_URL at that name or below it; another RP ID makes every passkey useless: docs/operations/terminals.md.`,
      },
    );
  }
}
