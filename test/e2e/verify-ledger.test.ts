import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { appendTo, city, SealedLedger } from '../support/sealed-ledger.js';

// Each command is a process that loads the program anew.
jest.setTimeout(180_000);

const program = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

let ledger: SealedLedger;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-verify-ledger-'));
  ledger = await SealedLedger.make(1);
  const sealer = ledger.sealer();
  sealer.start();
  for (let version = -1; version < 9; version++)
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => appendTo(ledger.store, `case-${n}`, version)),
    );
  await sealer.reached(600, 30_000);
  await sealer.stop();
  await writeFile(join(folder, 'policy'), ledger.policyText());
});
afterAll(async () => {
  await ledger.close();
  await rm(folder, { recursive: true });
});

/** As an auditor types it: a process with worker threads of its own. */
const verify = (...words: readonly string[]) => verifyTold({}, ...words);

const verifyTold = (told: Readonly<Record<string, string>>, ...words: readonly string[]) =>
  new Promise<{ readonly code: unknown; readonly out: string; readonly errors: string }>(
    (resolve) => {
      execFile(
        process.execPath,
        [program, 'verify', ...words],
        {
          cwd: folder,
          env: {
            ...process.env,
            ...{ DATABASE_URL: ledger.database.url, CITY: city, DATA_DIR: folder },
            ...told,
          },
        },
        (error, out, errors) => {
          resolve({ code: error === null ? 0 : error.code, out, errors });
        },
      );
    },
  );

describe('mianzheng verify ledger', () => {
  it('says that a ledger holds, in threads, and ends with 0', async () => {
    const said = await verify('ledger', '--policy', 'policy', '--threads', '2');
    expect([said.code, said.errors]).toEqual([0, '']);
    expect(said.out).toContain('600 records in 60 streams, 0 signatures, 1 checkpoint in');
    expect(said.out).toContain('all of it holds');
  });

  it('names the first wrong record first, for people and for programs, and ends with 1', async () => {
    const { pool } = ledger.database;
    const { rows } = await pool.query<{ stream: string; leaf: number }>(
      `UPDATE log_record SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1)
       WHERE position IN (300, 400) RETURNING stream, (position - 1)::int AS leaf`,
    );
    const first = rows.find(({ leaf }) => leaf === 299)!.stream;
    const people = await verify('ledger', '--policy', 'policy', '--threads', '1');
    const programs = await verify('ledger', '--policy', 'policy', '--threads', '2', '--json');
    const chains = await verify('chains');
    await pool.query(
      `UPDATE log_record SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) WHERE position IN (300, 400)`,
    );
    expect([people.code, programs.code, chains.code]).toEqual([1, 1, 1]);
    expect(people.out.split('\n')[0]).toContain(`${first} 4, record 299: `);
    expect(chains.out.split('\n')[0]).toContain(`${first} 4, record 299: `);
    const said = JSON.parse(programs.out) as { holds: boolean; findings: readonly object[] };
    expect(said).toMatchObject({ city, holds: false, records: 600, covered: 600 });
    expect(said.findings[0]).toMatchObject({ leaf: 299, stream: first, version: 4 });
  });

  it('goes by the policy that LOG_POLICY names, as the ledgers do, where none is told', async () => {
    const said = await verifyTold({ LOG_POLICY: join(folder, 'policy') }, 'ledger');
    expect([said.code, said.errors]).toEqual([0, '']);
    const lost = await verifyTold({ LOG_POLICY: join(folder, 'gone') }, 'ledger');
    expect([lost.code, lost.errors]).toEqual([2, expect.stringContaining('file_unreadable')]);
  });

  it('ends with 2 where it could not be found out', async () => {
    const said = await verify('ledger', '--policy', 'nowhere');
    expect([said.code, said.out]).toEqual([2, '']);
    expect(said.errors).toContain('file_unreadable');
  });

  it('takes a policy with a comment that is no UTF-8, and one as PowerShell writes it', async () => {
    await writeFile(join(folder, 'latin'), Buffer.from(`# été\n${ledger.policyText()}`, 'latin1'));
    const windows = `\ufeff${ledger.policyText().replaceAll('\n', '\r\n')}`;
    await writeFile(join(folder, 'utf16'), Buffer.from(windows, 'utf16le'));
    for (const policy of ['latin', 'utf16']) {
      const said = await verify('ledger', '--policy', policy);
      expect([said.code, said.errors]).toEqual([0, '']);
    }
  });

  it('holds the ledger to a checkpoint that came another way', async () => {
    await writeFile(join(folder, 'checkpoint'), 'nobody signed this\n');
    const said = await verify('ledger', '--policy', 'policy', '--checkpoint', 'checkpoint');
    expect(said.code).toBe(1);
    expect(said.out).toContain('(checkpoint_not_trusted)');
  });
});
