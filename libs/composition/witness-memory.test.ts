import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { utf8Bytes } from '#libs/kernel';
import { formatCheckpoint, leafHash, SignatureType, signCheckpoint } from '#libs/log';
import type { LogStorage } from '#libs/sealing';
import { WitnessDatabase } from '#libs/witness';
import { testSigner } from '../../test/support/sealed-ledger.js';
import { acceptNewWitness, mustRemember } from './witness-memory.js';

const city = 'city.example';
const log = testSigner(city, SignatureType.ed25519);
const note = (size: number) =>
  utf8Bytes(
    formatCheckpoint(signCheckpoint({ origin: city, size, root: leafHash(utf8Bytes('a')) }, log)),
  );
/** What was signed according to the database, and why it accepts no records. */
const storage = (
  published: Uint8Array | null,
  code: 'restored' | 'store_changed' | null = null,
): Pick<LogStorage, 'published' | 'refusal'> => ({
  published: () => Promise.resolve(published),
  refusal: () => Promise.resolve(code === null ? null : { code, since: '', place: null }),
});

let place: { dataDir: string; city: string };
beforeEach(async () => {
  place = { dataDir: await mkdtemp(join(tmpdir(), 'mianzheng-memory-')), city };
});
afterEach(() => rm(place.dataDir, { recursive: true }));

/** The witness beside the city has cosigned a checkpoint of this log. */
async function cosigned(origin: string): Promise<void> {
  const database = await WitnessDatabase.open(join(place.dataDir, 'witness', 'checkpoints'));
  await database.swap(origin, null, note(571));
  database.close();
}

describe('a city that runs its own witness', () => {
  it('starts with a new one where nothing was signed', async () => {
    await mustRemember(place, storage(null));
  });
  it('does not where its log was signed, or comes from a backup: an old one would be unquestioned', async () => {
    await expect(mustRemember(place, storage(note(571)))).rejects.toMatchObject({
      code: 'witness_forgot',
      facts: { size: 571 },
      hint: expect.stringContaining('log new-witness 571'),
    });
    await expect(mustRemember(place, storage(null, 'restored'))).rejects.toMatchObject({
      code: 'witness_forgot',
    });
    await cosigned('other');
    await expect(mustRemember(place, storage(note(571)))).rejects.toMatchObject({
      code: 'witness_forgot',
    });
  });
  it('starts where its witness knows this log', async () => {
    await cosigned(city);
    await mustRemember(place, storage(note(571)));
  });
  it('starts once with a new one where somebody said yes to it for a log of exactly this size', async () => {
    for (const size of ['570', '0571', '', '571 '])
      await expect(acceptNewWitness(place, storage(note(571)), size)).rejects.toMatchObject({
        code: 'log_size_other',
      });
    await acceptNewWitness(place, storage(note(571)), '571');
    await expect(mustRemember(place, storage(note(572)))).rejects.toMatchObject({
      code: 'witness_forgot',
    });
    await mustRemember(place, storage(note(571)));
    await expect(mustRemember(place, storage(note(571)))).rejects.toMatchObject({
      code: 'witness_forgot',
    });
  });
  it('needs no yes where nothing was signed', async () => {
    await expect(acceptNewWitness(place, storage(null), '0')).rejects.toMatchObject({
      code: 'log_size_other',
    });
  });
});
