import { randomBytes } from 'node:crypto';
import { checkSignature, type Finding, type SignatureToCheck } from '#libs/audit/ledger-check';
import { START } from '#libs/event-store';
import { formatCheckpoint } from '#libs/log';
import type { SealedLedger } from '../support/sealed-ledger.js';
import { Authority, lifeOf, type Step } from './mixture.js';
import type { Place } from './place.js';

export const patienceMs = 60_000;

/** 2 records of each authority, and of each holder `records` a round. */
export interface Shape {
  readonly authorities: number;
  readonly holders: number;
  readonly rounds: number;
  readonly records: number;
}

export interface Filled {
  /** All records, in their order. */
  readonly places: readonly Place[];
  /** The checkpoint that was kept. */
  readonly kept: Uint8Array;
}

/**
 * Fills and seals a ledger with a mixture of what one holds: authorities and their keys, holders
 * with phones and certificates, cases, consents and releases. Holders go on beside one another, so
 * that streams run through the whole ledger.
 * @param onRound is told when all of a round are sealed
 */
export async function fill(
  ledger: SealedLedger,
  { authorities, holders, rounds, records }: Shape,
  onRound?: (round: number) => Promise<void>,
): Promise<Filled> {
  const versions = new Map<string, number>();
  let size = 0;
  const append = async ({ stream, type, data }: Step) => {
    const version = versions.get(stream) ?? -1;
    versions.set(stream, version + 1);
    size++;
    await ledger.store.append(stream, version, [
      {
        id: randomBytes(16).toString('hex'),
        type,
        schema: 1,
        time: '2026-11-22T01:02:03.004Z',
        actor: { client: 'window-7' },
        data,
      },
    ]);
  };
  const sealer = ledger.sealer();
  sealer.start();
  const issuing = Array.from({ length: authorities }, () => new Authority(ledger.city));
  for (const authority of issuing) for (const step of authority.steps()) await append(step);
  const lives = Array.from({ length: holders }, (_, n) => lifeOf(issuing[n % authorities]!));
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      lives.map(async (life) => {
        for (let n = 0; n < records; n++) await append(life.next().value);
      }),
    );
    if (onRound === undefined) continue;
    await sealer.reached(size, patienceMs);
    await onRound(round);
  }
  const checkpoint = await sealer.reached(size, patienceMs);
  await sealer.stop();
  if (checkpoint === null) throw new Error('the ledger was not sealed');
  return { places: await placesOf(ledger), kept: Buffer.from(formatCheckpoint(checkpoint)) };
}

async function placesOf({ store }: SealedLedger): Promise<Place[]> {
  const places: Place[] = [];
  for (let after = START; ;) {
    const page = await store.readAll(after, 1000);
    for (const { body } of page)
      places.push({ position: places.length + 1, stream: body.stream, version: body.version });
    const last = page.at(-1);
    if (last === undefined) return places;
    after = last.position;
  }
}

/**
 * Most of a ledger is the same as in the check before: a signature that held over the same text by
 * the same key still does.
 */
export class KnownSignatures {
  readonly #held = new Set<string>();

  readonly wrong = (toCheck: readonly SignatureToCheck[]): Finding[] =>
    toCheck.flatMap((one) => {
      const known = JSON.stringify({ ...one, leaf: 0, version: 0 });
      if (this.#held.has(known)) return [];
      const finding = checkSignature(one);
      if (finding !== null) return [finding];
      this.#held.add(known);
      return [];
    });
}

/**
 * Starts a sealer over what is there now, as after a restart. @returns the code of its refusal;
 * null where it went on
 */
export async function refusalOf(ledger: SealedLedger): Promise<string | null> {
  const sealer = ledger.sealer();
  const until = Date.now() + patienceMs;
  sealer.start();
  while (sealer.alarm === null && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await sealer.stop();
  return sealer.alarm?.code ?? null;
}
