import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type pg from 'pg';
import { type Clock, plusSeconds } from '#libs/kernel';

interface Row {
  readonly payload: AdapterPayload;
  readonly consumed: Date | null;
}

/**
 * What the issuer keeps while an operator signs in and is signed in, in `sign_in_artifact`: by kind
 * and id, until it expires.
 */
export class PostgresArtifacts implements Adapter {
  constructor(
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
    private readonly kind: string,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<undefined> {
    const now = this.clock.now();
    await this.pool.query('DELETE FROM sign_in_artifact WHERE expires < $1::timestamptz', [now]);
    await this.pool.query(
      `INSERT INTO sign_in_artifact (kind, id, payload, grant_id, expires)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, expires = excluded.expires`,
      [
        this.kind,
        id,
        bound(this.kind, payload),
        payload.grantId ?? null,
        plusSeconds(now, expiresIn),
      ],
    );
    return undefined;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.pool.query<Row>(
      `SELECT payload, consumed FROM sign_in_artifact
       WHERE kind = $1 AND id = $2 AND expires >= $3::timestamptz`,
      [this.kind, id, this.clock.now()],
    );
    const [row] = rows;
    if (row === undefined) return undefined;
    return { ...row.payload, ...(row.consumed !== null && { consumed: true }) };
  }

  /** The write is the judge: of several that come at once, one gets on. */
  async consume(id: string): Promise<undefined> {
    const { rowCount } = await this.pool.query(
      `UPDATE sign_in_artifact SET consumed = $3
       WHERE kind = $1 AND id = $2 AND consumed IS NULL`,
      [this.kind, id, this.clock.now()],
    );
    if (rowCount === 0) throw new errors.InvalidGrant('used before');
    return undefined;
  }

  async destroy(id: string): Promise<undefined> {
    await this.pool.query('DELETE FROM sign_in_artifact WHERE kind = $1 AND id = $2', [
      this.kind,
      id,
    ]);
    return undefined;
  }

  async revokeByGrantId(grantId: string): Promise<undefined> {
    await this.pool.query('DELETE FROM sign_in_artifact WHERE kind = $1 AND grant_id = $2', [
      this.kind,
      grantId,
    ]);
    return undefined;
  }

  findByUid = () => Promise.resolve(undefined);
  findByUserCode = () => Promise.resolve(undefined);
}

/**
 * oidc-provider binds refresh tokens of public clients to a key, and leaves those of clients that
 * authenticate to any key of theirs. Here each is bound to the key that it was issued to.
 */
function bound(kind: string, payload: AdapterPayload): AdapterPayload {
  if (kind !== 'RefreshToken' || payload.jkt !== undefined) return payload;
  const { jkt } = Provider.ctx?.oidc.entities.AccessToken ?? {};
  return jkt === undefined ? payload : { ...payload, jkt };
}
