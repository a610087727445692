import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type Instant, plusSeconds } from '#libs/kernel';
import { PasskeyRefused } from '../operators.errors.js';

/** Seconds: as long as a person needs for PIN, fingerprint or a phone. */
export const challengeHolds = 180;

/**
 * Challenges for passkeys, in `passkey_challenge`: one for each thing that waits for an answer,
 * used once, in whichever process the answer arrives.
 */
export class PasskeyChallenges {
  constructor(private readonly pool: pg.Pool) {}

  /** @param of what the answer is for; an earlier challenge for it ends */
  async put(of: string, challenge: string, now: Instant): Promise<void> {
    await this.pool.query('DELETE FROM passkey_challenge WHERE expires < $1::timestamptz', [now]);
    await this.pool.query(
      `INSERT INTO passkey_challenge (waits, challenge_hash, expires) VALUES ($1, $2, $3)
       ON CONFLICT (waits) DO UPDATE
       SET challenge_hash = excluded.challenge_hash, expires = excluded.expires`,
      [of, hashed(challenge), plusSeconds(now, challengeHolds)],
    );
  }

  /** Uses the challenge up, whatever the answer is worth. @throws PasskeyRefused */
  async use(of: string, challenge: string, now: Instant): Promise<void> {
    const { rows } = await this.pool.query<{ challenge_hash: Buffer }>(
      `DELETE FROM passkey_challenge WHERE waits = $1 AND expires >= $2::timestamptz
       RETURNING challenge_hash`,
      [of, now],
    );
    if (rows[0]?.challenge_hash.equals(hashed(challenge)) !== true)
      throw new PasskeyRefused(
        'passkey_challenge_unusable',
        'the challenge has expired, was used before, or is for something else',
        {},
        { hint: 'Begin again.' },
      );
  }
}

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();
