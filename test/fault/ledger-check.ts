import pg from 'pg';
import { checkLedger as auditLedger } from '#libs/audit/ledger-check';
import { START } from '#libs/event-store';
import { checkChains } from '#libs/event-store/postgres';
import { rebuild } from '#libs/feed/runner';
import { parsePolicy } from '#libs/verify';
import { projectionClasses } from '../../libs/composition/schema.js';
import type { Records } from '../support/records.js';
import type { Acknowledged } from './load.js';

export interface Check {
  readonly what: string;
  readonly holds: boolean;
  readonly seen: string;
}

/**
 * Looks into database and event store themselves: is every acknowledged record there, do chains
 * hold, was each consent spent once, are tables what the feed gives?
 */
export async function checkLedger(
  databaseUrl: string,
  records: Records,
  acknowledged: Acknowledged,
  policy: string,
  kept: readonly Uint8Array[] = [],
): Promise<Check[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  try {
    const { city } = records;
    const store = await records.open(pool);
    const elsewhere = records.eventStoreUrl === undefined ? {} : { store };
    const checks: Check[] = [];
    const check = (what: string, holds: boolean, seen: unknown) =>
      checks.push({ what, holds, seen: typeof seen === 'string' ? seen : JSON.stringify(seen) });

    if (records.eventStoreUrl === undefined) {
      const { wrong, records: count } = await checkChains(pool);
      check('hashes, links, versions and positions are whole', wrong.length === 0, {
        records: count,
        wrong: wrong.slice(0, 3),
      });
    }

    const audit = await auditLedger(pool, databaseUrl, {
      ...elsewhere,
      city,
      policy: parsePolicy(policy),
      checkpoints: kept,
      threads: 0,
    });
    check(
      `the chains of ${audit.records} records are whole, and the log is their tree, under the checkpoint that the witness cosigned${kept.length === 0 ? '' : ` and the ${kept.length} that were shown before`}; ${audit.signatures} signatures hold`,
      audit.findings.length === 0 && audit.checkpoints === 1 + kept.length,
      audit.findings.slice(0, 3),
    );

    const places = new Set<string>();
    const facts = new Set<string>();
    const redeemed = new Map<string, number>();
    for (let at = START; ;) {
      const page = await store.readAll(at, 2000);
      for (const { body, hash } of page) {
        places.add(`${body.stream}/${body.version}/${hash}`);
        for (const member of ['case', 'consent'])
          if (typeof body.data[member] === 'string')
            facts.add(`${body.type}/${member}/${body.data[member]}`);
        if (body.type === 'ConsentRedeemed' && typeof body.data['consent'] === 'string')
          redeemed.set(body.data['consent'], (redeemed.get(body.data['consent']) ?? 0) + 1);
      }
      const last = page.at(-1);
      if (last === undefined) break;
      at = last.position;
    }
    const lost = acknowledged.records.filter(
      ({ stream, version, hash }) => !places.has(`${stream}/${version}/${hash}`),
    );
    check(
      `all ${acknowledged.records.length} records that were told with their hash are there`,
      lost.length === 0,
      lost.slice(0, 3),
    );
    const gone = acknowledged.facts.filter(
      ({ type, member, id }) => !facts.has(`${type}/${member}/${id}`),
    );
    check(
      `all ${acknowledged.facts.length} other acknowledged events are there`,
      gone.length === 0,
      gone.slice(0, 3),
    );
    const twice = [...redeemed].filter(([, times]) => times > 1);
    check(
      `each of ${redeemed.size} consents was spent once`,
      redeemed.size > 0 && twice.length === 0,
      twice.slice(0, 3),
    );

    for (const one of projectionClasses) {
      const { projection, tables } = await rebuild(pool, store, new one(), { check: true });
      const differing = tables.reduce((sum, table) => sum + (table.differing ?? 0), 0);
      check(`${projection}, made again, equals what was kept`, differing === 0, tables);
    }
    await store.close();
    return checks;
  } finally {
    await pool.end();
  }
}
