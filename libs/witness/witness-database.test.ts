import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from '#libs/kernel';
import {
  base64,
  formatCheckpoint,
  GrowingTree,
  leafHash,
  parseCheckpoint,
  proveConsistency,
  SignatureType,
  signCheckpoint,
} from '#libs/log';
import { testSigner } from '../../test/support/sealed-ledger.js';
import {
  type Connect,
  hasCosigned,
  WitnessDatabase,
  WitnessFolderTaken,
} from './witness-database.js';
import { OldSizeOther, WitnessDesk } from './witness.js';

const origin = 'city.example';
const log = testSigner(origin, SignatureType.ed25519);
const leaves = Array.from({ length: 250 }, (_, n) => leafHash(utf8Bytes(`leaf ${n}`)));
const tile = new Uint8Array(leaves.flatMap((leaf) => [...leaf]));

/** The body of add-checkpoint, from one size to another. */
function request(old: number, size: number): Uint8Array {
  const tree = new GrowingTree();
  for (const leaf of leaves.slice(0, size)) tree.append(leaf);
  const proof = old === 0 || old === size ? [] : proveConsistency(old, size, () => tile);
  const lines = proof.map((hash) => `${base64(hash)}\n`).join('');
  const head = signCheckpoint({ origin, size, root: tree.root() }, log);
  return utf8Bytes(`old ${old}\n${lines}\n${formatCheckpoint(head)}`);
}

const witnessKey = testSigner('witness.example/w', SignatureType.cosignature);
const deskOn = (database: WitnessDatabase) =>
  new WitnessDesk(witnessKey, [log.key], database, () => '2026-11-22T08:00:00.000Z');

let folder: string;
let open: WitnessDatabase[];
let holders: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-witness-'));
  open = [];
  holders = [];
});
afterEach(async () => {
  for (const database of open) database.close();
  for (const holder of holders) await killed(holder);
  await rm(folder, { recursive: true });
});

async function openDatabase(at = folder, connect?: Connect): Promise<WitnessDatabase> {
  const database = await WitnessDatabase.open(at, connect);
  open.push(database);
  return database;
}

const close = (database: WitnessDatabase) => {
  database.close();
  open = open.filter((one) => one !== database);
};

const sizeKept = async (database: WitnessDatabase): Promise<number> => {
  const note = await database.latest(origin);
  return note === null ? 0 : parseCheckpoint(note).size;
};

/**
 * A process that holds the folder and swaps numbers upwards; each is reported when it is stored.
 */
function swapping(at = folder): ChildProcess {
  const database = new URL('../../dist/libs/witness/witness-database.js', import.meta.url).href;
  const program = `
    const { WitnessDatabase } = await import(${JSON.stringify(database)});
    const database = await WitnessDatabase.open(${JSON.stringify(at)});
    let before = await database.latest('a');
    for (let n = before === null ? 1 : Number(Buffer.from(before)) + 1; ; n++) {
      const after = new TextEncoder().encode(String(n));
      if (!(await database.swap('a', before, after))) process.exit(3);
      before = after;
      await new Promise((resolve) => process.stdout.write(n + '\\n', resolve));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

describe('the folder of a witness', () => {
  it('is held by one program until that ends, however it ends', async () => {
    const other = swapping();
    await once(other.stdout!, 'data');
    await expect(WitnessDatabase.open(folder)).rejects.toBeInstanceOf(WitnessFolderTaken);
    await killed(other);
    const own = await openDatabase();
    await expect(WitnessDatabase.open(folder)).rejects.toBeInstanceOf(WitnessFolderTaken);
    close(own);
    await openDatabase();
  });

  it('may lie as deep as it likes', async () => {
    const deep = join(folder, ...Array.from({ length: 6 }, () => 'a'.repeat(40)));
    await mkdir(deep, { recursive: true });
    const database = await openDatabase(deep);
    await expect(WitnessDatabase.open(deep)).rejects.toBeInstanceOf(WitnessFolderTaken);
    close(database);
    await openDatabase(deep);
  });

  it('tells whether a log was cosigned, when its program has ended', async () => {
    expect(await hasCosigned(folder, origin)).toBe(false);
    const database = await openDatabase();
    await deskOn(database).addCheckpoint(request(0, 5));
    close(database);
    expect(await hasCosigned(folder, origin)).toBe(true);
    expect(await hasCosigned(folder, 'other.example')).toBe(false);
  });

  it('gives no two cosignatures that continue one checkpoint, and never goes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (rounds) => {
          await rm(folder, { recursive: true });
          const database = await openDatabase();
          const desk = deskOn(database);
          let size = 0;
          for (const asked of rounds) {
            const won: number[] = [];
            await Promise.all(
              asked.map(async (more) => {
                try {
                  await desk.addCheckpoint(request(size, size + more));
                  won.push(size + more);
                } catch (error) {
                  expect(error).toBeInstanceOf(OldSizeOther);
                }
              }),
            );
            expect(won).toHaveLength(1);
            expect(await sizeKept(database)).toBe(won[0]);
            size = won[0]!;
          }
          close(database);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a witness that is killed', () => {
  it('has kept each checkpoint that it acknowledged, or the one after', async () => {
    let last = 0;
    for (const kept of [1, 3, 10, 30, 60]) {
      const child = swapping();
      for await (const line of createInterface({ input: child.stdout! })) {
        last = Number(line);
        if (last % kept === 0) child.kill('SIGKILL');
      }
      await killed(child);
      const database = await openDatabase();
      const found = Number(Buffer.from((await database.latest('a'))!));
      expect([last, last + 1]).toContain(found);
      close(database);
    }
  });
});

describe('a witness whose writes break', () => {
  type Break = 'lost' | 'kept, but reported failed';
  let next: Break | null;

  /** A database of which one write fails, or succeeds with its answer lost. */
  class BreakingDatabase extends DatabaseSync {
    override prepare(sql: string): StatementSync {
      const how = sql.startsWith('SELECT') ? null : next;
      if (how === null) return super.prepare(sql);
      next = null;
      const statement = super.prepare(sql);
      const run = statement.run.bind(statement) as (...values: unknown[]) => unknown;
      Object.defineProperty(statement, 'run', {
        value: (...values: unknown[]) => {
          if (how !== 'lost') run(...values);
          throw new TypeError('the disk broke');
        },
      });
      return statement;
    }
  }
  const connect: Connect = (file) => new BreakingDatabase(file);

  it.each<Break>(['lost', 'kept, but reported failed'])(
    'gives no cosignature when a write is %s, and goes on from what it has',
    async (how) => {
      let database = await openDatabase(folder, connect);
      let size = 0;
      for (const restarts of [false, true, false]) {
        next = how;
        await expect(deskOn(database).addCheckpoint(request(size, size + 7))).rejects.toThrow(
          'the disk broke',
        );
        if (restarts) {
          close(database);
          database = await openDatabase(folder, connect);
        }
        const kept = await sizeKept(database);
        expect(kept).toBe(how === 'lost' ? size : size + 7);
        await expect(
          deskOn(database).addCheckpoint(request(kept + 1, kept + 2)),
        ).rejects.toMatchObject({ size: kept });
        await deskOn(database).addCheckpoint(request(kept, kept + 3));
        size = kept + 3;
        expect(await sizeKept(database)).toBe(size);
      }
    },
  );

  it('gives no cosignature when the disk is full, and goes on when there is room again', async () => {
    let connection: DatabaseSync | undefined;
    const database = await openDatabase(folder, (file) => (connection = new DatabaseSync(file)));
    const desk = deskOn(database);
    await desk.addCheckpoint(request(0, 5));
    // SQLite's own error for a full disk: a limit of pages.
    connection!.exec('PRAGMA max_page_count = 1');
    const other = utf8Bytes('x'.repeat(100_000));
    await expect(database.swap('other', null, other)).rejects.toMatchObject({ errcode: 13 });
    expect(await database.latest('other')).toBeNull();
    expect(await sizeKept(database)).toBe(5);
    connection!.exec('PRAGMA max_page_count = 1000000');
    expect(await database.swap('other', null, other)).toBe(true);
    await desk.addCheckpoint(request(5, 9));
    expect(await sizeKept(database)).toBe(9);
  });
});
