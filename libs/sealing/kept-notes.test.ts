import { describe, expect, it } from '@jest/globals';
import { utf8Text } from '#libs/kernel';
import { parseCheckpoint, SignatureType, signCheckpoint, type SignedCheckpoint } from '#libs/log';
import { testSigner } from '../../test/support/sealed-ledger.js';
import { KeptNotes } from './kept-notes.js';

import { type SealedHead, SealerLease } from './ports.js';

const city = 'city.example';
const signer = testSigner(city, SignatureType.ed25519);
const checkpoint = (size: number): SignedCheckpoint =>
  signCheckpoint({ origin: city, size, root: new Uint8Array(32).fill(size) }, signer);
const withLine = (signed: SignedCheckpoint): SignedCheckpoint => ({
  ...signed,
  note: { ...signed.note, signatures: [...signed.note.signatures, ...signed.note.signatures] },
});

/** Remembers what was stored by itself, and how many statements ran at once. */
class Desk extends SealerLease {
  readonly alone: { readonly size: number; readonly lines: number }[] = [];
  fails = false;
  running = 0;
  peak = 0;
  #told: (() => void) | undefined;

  read(): Promise<SealedHead> {
    throw new Error('not read here');
  }
  write(): Promise<void> {
    return this.statement();
  }
  async publish(_: unknown, note: Uint8Array): Promise<void> {
    await this.statement();
    if (this.fails) throw new Error('the connection broke');
    const { size } = parseCheckpoint(note);
    this.alone.push({ size, lines: utf8Text(note).split('\n— ').length - 1 });
    this.#told?.();
  }
  release() {
    return Promise.resolve();
  }
  async statement() {
    this.peak = Math.max(this.peak, ++this.running);
    await new Promise((resolve) => setImmediate(resolve));
    this.running--;
  }
  /** Resolves when so many notes were stored by themselves. */
  async stored(count: number) {
    while (this.alone.length < count) await new Promise<void>((told) => (this.#told = told));
  }
}

const kept = async () => {
  const desk = new Desk();
  const failures: unknown[] = [];
  const notes = new KeptNotes(desk, (error) => failures.push(error));
  await notes.keep(checkpoint(1), false);
  const sizes: (number | null)[] = [];
  const step = (fails = false) =>
    notes.along(async (note) => {
      await desk.statement();
      if (fails) throw new Error('the connection broke');
      sizes.push(note === null ? null : parseCheckpoint(note).size);
    });
  return { desk, notes, failures, sizes, step };
};

describe('the note of a checkpoint', () => {
  it('is stored at once where it is the first of a lease', async () => {
    const { desk, step, sizes } = await kept();
    expect(desk.alone).toEqual([{ size: 1, lines: 1 }]);
    await step();
    expect(sizes).toEqual([null]);
  });

  it('goes along with the next step, once', async () => {
    const { desk, notes, step, sizes } = await kept();
    await notes.keep(checkpoint(2), false);
    await step();
    await step();
    await notes.end();
    expect(sizes).toEqual([2, null]);
    expect(desk.alone).toHaveLength(1);
  });

  it('is stored by itself where no step comes', async () => {
    const { desk, notes } = await kept();
    await notes.keep(checkpoint(2), false);
    await desk.stored(2);
    expect(desk.alone.at(-1)).toEqual({ size: 2, lines: 1 });
  });

  it('is stored at once where other processes may wait for it', async () => {
    const { desk, notes } = await kept();
    await notes.keep(checkpoint(2), true);
    expect(desk.alone.at(-1)).toEqual({ size: 2, lines: 1 });
  });

  it('is stored at the end, also where the step that it went along with failed', async () => {
    const { desk, notes, step } = await kept();
    await notes.keep(checkpoint(2), false);
    await expect(step(true)).rejects.toThrow('the connection broke');
    await notes.end();
    expect(desk.alone.at(-1)).toEqual({ size: 2, lines: 1 });
  });

  it('is stored again with a cosignature that came late, unless a newer one was published', async () => {
    const { desk, notes, step, sizes } = await kept();
    notes.add(withLine(checkpoint(1)));
    await desk.stored(2);
    expect(desk.alone.at(-1)).toEqual({ size: 1, lines: 2 });
    await notes.keep(checkpoint(2), false);
    notes.add(withLine(checkpoint(1)));
    await step();
    expect(sizes).toEqual([2]);
    await notes.end();
    expect(desk.alone).toHaveLength(2);
  });

  it('keeps a line that came while a step was written', async () => {
    const { desk, notes } = await kept();
    await notes.keep(checkpoint(2), false);
    await notes.along(async () => {
      notes.add(withLine(checkpoint(2)));
      await desk.statement();
    });
    await desk.stored(2);
    expect(desk.alone.at(-1)).toEqual({ size: 2, lines: 2 });
  });

  it('that cannot be stored is told', async () => {
    const { desk, notes, failures } = await kept();
    desk.fails = true;
    await notes.keep(checkpoint(2), false);
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toMatchObject([{ message: 'the connection broke' }]);
    expect(desk.alone).toHaveLength(1);
  });

  it('never meets a step: one statement runs at a time', async () => {
    const { desk, notes, step } = await kept();
    for (let size = 2; size < 20; size++) {
      const storing = notes.keep(checkpoint(size), size % 2 === 0);
      await Promise.all([storing, step()]);
    }
    expect(desk.peak).toBe(1);
  });
});
