import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { Wallet } from './ports.js';

/** How many certificates of the asked types one subject is looked through for. */
const most = 50;

/** The wallet from its projection: a release asks it often, so the statement has a name and is planned once a connection. */
@Injectable()
export class ProjectedWallet extends Wallet {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async certificatesOf(
    subject: string,
    types: readonly string[],
  ): Promise<readonly { certificate: string; type: string }[]> {
    const { rows } = await this.pool.query<{ certificate: string; type: string }>({
      name: 'wallet-certificates',
      text: `SELECT DISTINCT c.certificate, c.type, c.issued_at
             FROM wallet_holding h JOIN wallet_certificate c USING (certificate)
             WHERE h.subject = $1 AND c.type = ANY($2::text[])
             ORDER BY c.issued_at DESC, c.certificate LIMIT $3`,
      values: [subject, types, most],
    });
    return rows.map(({ certificate, type }) => ({ certificate, type }));
  }
}
