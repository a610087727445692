/* eslint-disable @typescript-eslint/no-explicit-any -- tests look into bodies without declaring them */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresLogStorage } from '#libs/sealing/sealing.module';
import { rotateMasterKey } from '../../libs/vault/vault.module.js';
import type { TestDatabase } from '../support/postgres.js';
import { done, epochNow, Town } from '../support/town.js';
import { WitnessedCity } from '../support/witnessed-city.js';

/** Each is a story of several starts, and of programs in processes of their own. */
jest.setTimeout(240_000);

describe('a backup of a city', () => {
  let city: WitnessedCity;
  let town: Town<WitnessedCity>;
  let first: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-backups-'));
    city = await WitnessedCity.make();
    first = await city.database();
    await city.open(first);
    town = await Town.around(city);
  });
  afterEach(async () => {
    await city.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const backup = async (name: string) => {
    const target = join(folder, name);
    await city.backup(first, target);
    return target;
  };
  const restore = async (target: string) => {
    const database = await city.database();
    const report = await city.restore(database, target);
    return { database, findings: report?.findings ?? [] };
  };
  const records = async ({ pool }: TestDatabase, upTo = 1e9): Promise<string[]> => {
    const { rows } = await pool.query<{ record: string }>(
      `SELECT position || ' ' || encode(bytes, 'hex') AS record FROM log_record WHERE position <= $1 ORDER BY position`,
      [upTo],
    );
    return rows.map(({ record }) => record);
  };
  const ready = async () =>
    (await fetch(`${city.baseUrl}/health/ready`)).json() as Promise<Record<string, any>>;
  /** Until a part of the city says this of itself. */
  const until = async (part: string, says: string) => {
    for (;;) {
      const { parts } = await ready();
      if (parts[part] === says) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const openCaseFor = (number: string, idempotencyKey: string) =>
    town.terminal.post(
      '/v1/cases',
      {
        matter: 'SX0001',
        participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
      },
      { idempotencyKey },
    );

  test('brings it back: records, receipts, wallets, phones, consents and answered requests; and of two that go on from it one is found out', async () => {
    const used = await town.granted();
    const release = done(await town.pull(used.token));
    const unspent = await town.granted();
    const key = 'a-request-of-before';
    const opened = done(await openCaseFor(used.number, key));
    const wallet = done(await used.phone.get('/v1/phone/wallet'));
    const target = join(folder, 'idle');
    // A container that was made for the command has no data folder of the city: LOG_POLICY names
    // the policy.
    await rm(join(city.dataDir, 'log-policy'));
    expect(await city.mianzheng(first, ['backup', target])).toMatchObject({
      code: 0,
      said: expect.stringContaining('The keys are not in it'),
    });
    expect(await readFile(join(target, 'log-policy'), 'utf8')).toBe(
      await readFile(join(city.dataDir, 'policy'), 'utf8'),
    );
    const before = await records(first);
    await city.close();

    const database = await city.database();
    const { code, said } = await city.mianzheng(database, ['restore', target]);
    expect([code, said]).toEqual([0, expect.stringContaining('all of it holds')]);
    expect(await records(database)).toEqual(before);
    await city.open(database);
    await until('log', 'ok');

    expect(done(await used.phone.get('/v1/phone/wallet'))).toEqual(wallet);
    expect(done(await openCaseFor(used.number, key)).case).toBe(opened.case);
    const { stream, version, hash } = release.record;
    const at = `/v1/receipts/${stream}/${version}?hash=${hash}`;
    expect((await town.terminal.get(at)).status).toBe(200);
    // What was granted before is redeemed now, once; what was redeemed stays redeemed.
    done(await town.pull(await town.token(unspent.at)));
    expect((await town.terminal.post(`${used.at}/token`)).body.code).toBe('consent_spent');
    const asked = await town.asked(used);
    done(await town.grant(asked, asked.consent));
    const again = done(await town.pull(await town.token(asked.at)));
    expect(again.record.hash).not.toBe(hash);
    await city.close();

    // Another city continues from the same backup, with the same keys: the witness has seen what
    // the first one signed since.
    const twin = await restore(target);
    expect(twin.findings).toEqual([]);
    await city.open(twin.database);
    await until('log', 'sealing_refused');
    const refused = await openCaseFor(used.number, 'a-request-to-a-twin');
    expect(refused.status).toBe(503);
    expect(refused.body.code).toBe('ledger_read_only');
  });

  test('taken while it is used is whole; and when it is older than what a witness saw, nothing new is taken until a newer one is restored', async () => {
    const holders = await Promise.all(Array.from({ length: 4 }, () => town.holder()));
    const stopped = new AbortController();
    let written = 0;
    const using = holders.map(async ({ number }) => {
      while (!stopped.signal.aborted) {
        done(await town.openCase(number));
        written++;
      }
    });
    const during = await backup('under-load');
    const atBackup = written;
    for (; written < atBackup + 8;) await new Promise((resolve) => setTimeout(resolve, 20));
    stopped.abort();
    await Promise.all(using);
    const newest = await backup('newest');
    const all = await records(first);
    await city.close();

    const older = await restore(during);
    expect(older.findings).toEqual([]);
    const kept = await records(older.database);
    expect(kept.length).toBeLessThan(all.length);
    expect(kept).toEqual(all.slice(0, kept.length));
    // Keys are written before records, so that every subject in the ledger has one.
    const { rows } = await older.database.pool.query(
      `SELECT FROM log_record WHERE stream LIKE 'subject-%' AND version = 0
       AND NOT EXISTS (SELECT FROM vault.subject_key k WHERE 'subject-' || k.subject = stream)`,
    );
    expect(rows).toEqual([]);

    // From the first moment on nothing new is taken, whether or not the witness has been asked yet.
    await city.open(older.database);
    const answers = [await openCaseFor(holders[0]!.number, 'before-it-was-compared')];
    await until('log', 'sealing_refused');
    answers.push(await openCaseFor(holders[0]!.number, 'after-it-was-compared'));
    for (const { status, body } of answers)
      expect([status, body.code]).toEqual([503, 'ledger_read_only']);
    for (;;) {
      const { body } = await openCaseFor(holders[0]!.number, `asked-again-${String(epochNow())}`);
      if (body.facts.alarm !== 'store_behind_log') continue;
      expect(body.hint).toContain('restore a newer backup');
      break;
    }
    expect((await ready()).ready).toBe(false);
    expect((await town.terminal.get('/v1/board')).status).toBe(200);
    await city.close();

    // Lifting the refusal does not help: what the witness saw is still missing.
    const lifted = await new PostgresLogStorage(older.database.pool).lift();
    expect(lifted?.code).toBe('store_behind_log');
    await city.open(older.database);
    await until('log', 'sealing_refused');
    await city.close();

    const good = await restore(newest);
    await city.open(good.database);
    await until('log', 'ok');
    done(await town.openCase(holders[0]!.number));
  });

  test('that is killed is no backup; a restore that is killed leaves no ledger, and begins anew', async () => {
    await first.pool.query(
      `INSERT INTO vault.sealed_blob (id, client, size, sealed)
       SELECT 'big-' || n, 'test', 20000000, convert_to(repeat('x', 20000000), 'UTF8') FROM generate_series(1, 4) n`,
    );
    const target = join(folder, 'killed');
    const size = (file: string) =>
      stat(join(`${target}.tmp`, file)).then(
        (found) => found.size,
        () => 0,
      );
    const killed = await city.mianzheng(
      first,
      ['backup', target],
      async () => (await size('vault.sealed_blob.copy')) > 0,
    );
    expect(killed.code).toBeNull();
    expect(await readdir(folder)).toEqual(['killed.tmp']);
    await first.pool.query(`DELETE FROM vault.sealed_blob WHERE id LIKE 'big-%'`);
    await expect(backup('killed')).rejects.toMatchObject({ code: 'backup_under_way' });
    await rm(`${target}.tmp`, { recursive: true });
    await backup('killed');
    await city.close();

    const database = await city.database();
    const begun = async () => {
      const { rows } = await database.pool.query(`SELECT to_regclass('restore_under_way') AS t`);
      return rows[0].t !== null;
    };
    expect((await city.mianzheng(database, ['restore', target], begun)).code).toBeNull();
    await expect(city.open(database)).rejects.toMatchObject({ code: 'restore_unfinished' });
    expect((await city.restore(database, target))?.findings).toEqual([]);
    expect(await records(database)).toEqual(await records(first));
    await expect(city.restore(database, target)).rejects.toMatchObject({
      code: 'database_not_empty',
    });
  });

  test('opens nothing any more once the master key was given up', async () => {
    await town.granted();
    const target = await backup('before');
    await city.close();
    await rotateMasterKey(first.pool, join(city.dataDir, 'keys'));
    const { database } = await restore(target);
    await expect(city.open(database)).rejects.toMatchObject({ code: 'key_missing' });
  });

  test('of a ledger that somebody changed is restored for looking at, and takes nothing new', async () => {
    const { number } = await town.holder();
    done(await town.openCase(number));
    await first.pool.query(
      `UPDATE log_record SET bytes = overlay(bytes placing '\\x58' from 20) WHERE stream LIKE 'case-%'`,
    );
    const target = await backup('changed');
    await city.close();
    const { database, findings } = await restore(target);
    expect(findings).not.toEqual([]);
    await city.open(database);
    const refused = await openCaseFor(number, 'a-request-to-a-changed-one');
    expect([refused.status, refused.body.code]).toEqual([503, 'ledger_read_only']);
  });
});
