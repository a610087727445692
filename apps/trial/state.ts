import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import type { ClientDetails } from '#libs/api-client';
import { isObject, shanghaiDay, SystemClock } from '#libs/kernel';
import { readSecretFile, replaceSecretFile } from '#libs/platform';
import type { Numbers } from './population/population.js';
import { TrialStateUnusable } from './refusals.js';

/** A client of the trial's own: its key, and under which id the city knows it. */
export interface KeptClient {
  readonly details: ClientDetails;
  readonly privateJwk: JWK;
  /** Of the key, made once: the same request is sent again after a crash. */
  readonly proof: string;
  readonly idempotencyKey: string;
  /** Null until the city has answered. */
  client: string | null;
  scopes: readonly string[];
}

interface Kept {
  readonly format: 1;
  /** Origin of the city's log. */
  readonly city: string;
  /** From which people and numbers follow. */
  readonly seed: string;
  /** Of which all terms are counted. */
  readonly firstDay: string;
  readonly numbers: Numbers;
  readonly clients: Record<string, KeptClient>;
  /** Departments whose papers are all in the ledger. */
  readonly issued: string[];
}

/** What a trial remembers from start to start, in one private file. */
export class TrialState {
  private constructor(
    private readonly file: string,
    readonly kept: Kept,
  ) {}

  /** @throws TrialStateUnusable, KeyFileUnsafe */
  static async open(folder: string, city: string, numbers: Numbers): Promise<TrialState> {
    const file = join(folder, 'state.json');
    const text = await readSecretFile(file);
    if (text !== null) return new TrialState(file, read(file, text, city));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const state = new TrialState(file, {
      format: 1,
      city,
      seed: randomBytes(16).toString('base64url'),
      firstDay: shanghaiDay(new SystemClock().now()),
      numbers,
      clients: {},
      issued: [],
    });
    await state.save();
    return state;
  }

  /** Atomic: a start after a crash continues from the last saved state. */
  save(): Promise<void> {
    return replaceSecretFile(this.file, `${JSON.stringify(this.kept, null, 1)}\n`);
  }

  /** A new client's key and request are kept before they are used. */
  async client(
    name: string,
    make: () => Promise<Pick<KeptClient, 'details' | 'privateJwk' | 'proof'>>,
  ) {
    const found = this.kept.clients[name];
    if (found !== undefined) return found;
    const fresh: KeptClient = {
      ...(await make()),
      idempotencyKey: randomUUID(),
      client: null,
      scopes: [],
    };
    this.kept.clients[name] = fresh;
    await this.save();
    return fresh;
  }
}

function read(file: string, text: string, city: string): Kept {
  const unusable = (why: string, cause?: unknown) =>
    new TrialStateUnusable(
      'trial_state_unusable',
      `${file} ${why}`,
      { file },
      {
        cause,
        hint: 'Move the folder away: the next start makes new people beside those that there are.',
      },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable('is no JSON', cause);
  }
  if (!isObject(value) || value['format'] !== 1) throw unusable('is of another version');
  if (value['city'] !== city) throw unusable('is that of another city');
  return value as unknown as Kept;
}
