import { once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes, utf8Text } from '#libs/kernel';
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
import { testSigner } from '../../../test/support/sealed-ledger.js';
import { WitnessFolderTaken } from './folder-lock.js';
import { WitnessDisk, WitnessFiles } from './witness-files.js';
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
const deskOn = (files: WitnessFiles) =>
  new WitnessDesk(witnessKey, [log.key], files, () => '2026-11-22T08:00:00.000Z');

let folder: string;
let open: WitnessFiles[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-witness-'));
  open = [];
});
afterEach(async () => {
  for (const files of open) await files.close();
  await rm(folder, { recursive: true });
});

async function openFiles(at = folder, disk = new WitnessDisk()): Promise<WitnessFiles> {
  const files = await WitnessFiles.open(at, disk);
  open.push(files);
  return files;
}

/** A second program in the folder, which does not see the first: the lock is gone. */
async function openBeside(disk = new WitnessDisk()): Promise<WitnessFiles> {
  for (const name of await readdir(folder))
    if (name.startsWith('held-by')) await rm(join(folder, name));
  return openFiles(folder, disk);
}

const sizeKept = async (files: WitnessFiles): Promise<number> => {
  const note = await files.latest(origin);
  return note === null ? 0 : parseCheckpoint(note).size;
};

describe('the folder of a witness', () => {
  /** A socket whose program has ended, as a kill or a power cut leaves it. */
  async function leaveLock(at = folder): Promise<void> {
    const server = createServer().listen(join(at, 'ended'));
    await once(server, 'listening');
    await link(join(at, 'ended'), join(at, `held-by.${String(1 + Math.floor(Math.random() * 3))}`));
    server.close();
    await once(server, 'close');
  }

  it('is held by one program, also where both have the same number', async () => {
    const first = await openFiles();
    await expect(WitnessFiles.open(folder)).rejects.toBeInstanceOf(WitnessFolderTaken);
    await first.close();
    open.pop();
    await openFiles();
  });
  it('is free when its program has ended, whoever has that one’s number now', async () => {
    await leaveLock();
    await (await openFiles()).close();
    open.pop();
    // As an earlier release held it: by a number, which another program has by now.
    await writeFile(join(folder, 'held-by'), String(process.ppid));
    await openFiles();
    await expect(WitnessFiles.open(folder)).rejects.toBeInstanceOf(WitnessFolderTaken);
  });
  it('that an ended program left is taken by one of many who come at once', async () => {
    for (let round = 0; round < 40; round++) {
      if (round % 2 === 0) await leaveLock();
      const came = await Promise.allSettled(
        Array.from({ length: 8 }, () => WitnessFiles.open(folder)),
      );
      const held = came.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      for (const files of held) await files.close();
      expect(held).toHaveLength(1);
      expect(await readdir(folder)).toEqual([]);
    }
  });
  it('may lie as deep as it likes', async () => {
    const deep = join(folder, ...Array.from({ length: 6 }, () => 'a'.repeat(40)));
    await mkdir(deep, { recursive: true });
    const files = await openFiles(deep);
    await expect(WitnessFiles.open(deep)).rejects.toBeInstanceOf(WitnessFolderTaken);
    await files.close();
    open.pop();
    expect(await readdir(deep)).toEqual([]);
    await openFiles(deep);
  });
  it('has some files a log, however long it is used, and nothing half done', async () => {
    await writeFile(join(folder, 'x.draft-of-a-program-that-was-killed'), '');
    const files = await openFiles();
    let before: Uint8Array | null = null;
    for (let n = 0; n < 30; n++) {
      const after = utf8Bytes(`${n}`);
      expect(await files.swap('a', before, after)).toBe(true);
      before = after;
    }
    expect(await readdir(folder)).toHaveLength(9);
  });
});

describe('two programs in one folder', () => {
  it('give no two cosignatures that go on from one checkpoint, and never go back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), {
            minLength: 2,
            maxLength: 6,
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (rounds) => {
          await rm(folder, { recursive: true });
          await mkdir(folder);
          const files = [await openFiles(), await openBeside()];
          const desks = files.map(deskOn);
          let size = 0;
          for (const asked of rounds) {
            const won: number[] = [];
            await Promise.all(
              asked.map(async ([more, second]) => {
                try {
                  await desks[Number(second)]!.addCheckpoint(request(size, size + more));
                  won.push(size + more);
                } catch (error) {
                  expect(error).toBeInstanceOf(OldSizeOther);
                }
              }),
            );
            expect(won.length).toBeLessThanOrEqual(1);
            const kept = await Promise.all(files.map(sizeKept));
            expect(kept[0]).toBe(kept[1]);
            expect(kept[0]).toBeGreaterThanOrEqual(won[0] ?? size);
            size = kept[0]!;
          }
          for (const each of open.splice(0)) await each.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('one of which slept while the other went on for long: what it gets then counts for nothing', async () => {
    let wake: () => void = () => undefined;
    let asleep: () => void = () => undefined;
    const sleeps = new Promise<void>((resolve) => (asleep = resolve));
    class Sleeper extends WitnessDisk {
      override async name(path: string, name: string): Promise<boolean> {
        asleep();
        await new Promise<void>((resolve) => (wake = resolve));
        return super.name(path, name);
      }
    }
    const other = await openFiles();
    const sleeper = await openBeside(new Sleeper());
    const desk = deskOn(other);
    await desk.addCheckpoint(request(0, 5));
    const late = deskOn(sleeper).addCheckpoint(request(5, 6));
    await sleeps;
    // So far that the number which the sleeper looked for is free again.
    for (let size = 5; size < 45; size += 2) await desk.addCheckpoint(request(size, size + 2));
    wake();
    await expect(late).rejects.toMatchObject({ code: 'old_size_other', size: 45 });
    expect(await sizeKept(other)).toBe(45);
    await desk.addCheckpoint(request(45, 46));
  });
});

describe('a witness whose writes break', () => {
  type Write = 'write' | 'name' | 'sync';
  type Break = 'lost' | 'done, but reported failed';
  class BreakingDisk extends WitnessDisk {
    next: { readonly write: Write; readonly how: Break } | null = null;

    override write(path: string, bytes: Uint8Array) {
      return this.#run('write', () => super.write(path, bytes));
    }
    override name(path: string, name: string) {
      return this.#run('name', () => super.name(path, name));
    }
    override sync(path: string) {
      return this.#run('sync', () => super.sync(path));
    }
    async #run<Result>(write: Write, run: () => Promise<Result>): Promise<Result> {
      if (this.next?.write !== write) return run();
      const { how } = this.next;
      this.next = null;
      if (how !== 'lost') await run();
      throw new TypeError('the disk broke');
    }
  }

  it.each<[Write, Break]>([
    ['write', 'lost'],
    ['write', 'done, but reported failed'],
    ['name', 'lost'],
    ['name', 'done, but reported failed'],
    ['sync', 'lost'],
    ['sync', 'done, but reported failed'],
  ])('gives no cosignature when a %s is %s, and goes on from what it has', async (write, how) => {
    const disk = new BreakingDisk();
    let files = await openFiles(folder, disk);
    let size = 0;
    for (const restarts of [false, true, false]) {
      disk.next = { write, how };
      await expect(deskOn(files).addCheckpoint(request(size, size + 7))).rejects.toThrow(
        'the disk broke',
      );
      if (restarts) {
        await files.close();
        open.pop();
        files = await openFiles(folder, disk);
      }
      // Everything is there: the checkpoint before, or the one whose cosignature nobody got.
      const kept = await sizeKept(files);
      expect([size, size + 7]).toContain(kept);
      await expect(deskOn(files).addCheckpoint(request(kept + 1, kept + 2))).rejects.toMatchObject({
        size: kept,
      });
      await deskOn(files).addCheckpoint(request(kept, kept + 3));
      size = kept + 3;
      expect(await sizeKept(files)).toBe(size);
      const names = await readdir(folder);
      expect(names.filter((name) => name.includes('draft'))).toEqual([]);
    }
  });
});

describe('the files of an earlier release', () => {
  it('are gone on from', async () => {
    const first = await openFiles();
    await deskOn(first).addCheckpoint(request(0, 5));
    const note = (await first.latest(origin))!;
    const [name] = (await readdir(folder)).filter((each) => each.endsWith('-1'));
    await rm(join(folder, name!));
    await writeFile(join(folder, name!.slice(0, -2)), note);
    expect(utf8Text((await first.latest(origin))!)).toBe(utf8Text(note));
    await deskOn(first).addCheckpoint(request(5, 9));
    expect(await sizeKept(first)).toBe(9);
  });
});
