import type { JsonWebKey } from 'node:crypto';

/** Everything that the load generator needs to be the clients of one side. */
export interface Scene {
  readonly baseUrl: string;
  /** Issuer of access tokens; tokens are asked for at `<issuer>/token`. */
  readonly issuer: string;
  readonly windows: readonly Terminal[];
  readonly holders: readonly HolderOfPhone[];
}

/** A terminal at a window: its client id and its private key (Ed25519). */
export interface Terminal {
  readonly client: string;
  readonly jwk: JsonWebKey;
  readonly scopes: readonly string[];
}

/** A holder with an enrolled phone: the identity number, and the phone's private key (P-256). */
export interface HolderOfPhone {
  readonly number: string;
  readonly jwk: JsonWebKey;
}

/** The matter and the material of every measured case. */
export const matter = 'SX0047';
export const material = 'ZZ001';

/** The seven requests of a case, in order. */
export const stepNames = ['open', 'ask', 'show', 'grant', 'token', 'pull', 'close'] as const;
export type Step = (typeof stepNames)[number];
