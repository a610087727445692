import type { Known } from './known.ts';

/** A file as a server gave it, or as it is kept. */
export interface Served {
  readonly status: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Pages that work without network, by the folders of their sources. */
export type KeptPage = 'phone' | 'verify';

/** What the worker keeps, and how it asks. */
export interface Surroundings {
  /** Whose worker it is. */
  readonly page: KeptPage;
  /** Without credentials, and of the city itself; null where nothing answers. */
  ask(address: string): Promise<Served | null>;
  known(): Promise<Known | null>;
  remember(known: Known): Promise<void>;
  /** Keeps a set under its name by the addresses of its files. */
  keep(set: string, files: ReadonlyMap<string, Served>): Promise<void>;
  kept(set: string, address: string): Promise<Served | null>;
  sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  pause(ms: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The city did not answer, or not with what was asked for: nothing is concluded from that. */
export class Unasked extends Error {}

/** @throws Unasked unless there is an answer, and it is a file */
export async function fileAt(around: Surroundings, address: string): Promise<Served> {
  const served = await around.ask(address);
  if (served?.status !== 200) throw new Unasked(address);
  return served;
}
