import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import pg from 'pg';
import { KeysRefused } from './errors.js';
import { PrivacyKeys } from './keys.js';

/**
 * Refuses to start with keys other than those that rows were made under: a lost key file would else be replaced by a fresh one, and
 * known people would silently become unknown ones.
 */
@Injectable()
export class KeysInUse implements OnApplicationBootstrap {
  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: PrivacyKeys,
  ) {}

  /** @throws KeysRefused `key_missing` */
  async onApplicationBootstrap(): Promise<void> {
    const pairwise = this.keys.pairwiseId;
    const rings = [
      ['master', this.keys.master],
      ['pepper', this.keys.peppers],
      ['pairwise', { current: { id: pairwise }, has: (id: string) => id === pairwise }],
    ] as const;
    for (const [purpose, ring] of rings) {
      const { rows } = await this.pool.query<{ id: string }>(
        'SELECT id FROM vault.key_in_use WHERE purpose = $1',
        [purpose],
      );
      const lost = rows.find(({ id }) => !ring.has(id));
      if (lost !== undefined)
        throw new KeysRefused(
          'key_missing',
          `the database was written under another ${purpose} key than this process was given`,
          { purpose, key: lost.id },
          { hint: 'Put the key file back that was in use, or restore its backup.' },
        );
      await this.pool.query(
        `INSERT INTO vault.key_in_use (purpose, id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
        [purpose, ring.current.id],
      );
    }
  }
}
