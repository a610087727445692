import type { JsonWebKey } from 'node:crypto';

/**
 * Keys and ids of a golden ledger's clients and holders, for tests that continue it. These keys are
 * used nowhere else.
 */
export interface GoldenPeople {
  readonly terminal: {
    readonly client: string;
    readonly key: JsonWebKey;
    readonly scopes: string[];
  };
  /** A holder with a phone and an ID card; all of it is made up. */
  readonly holder: { readonly number: string; readonly phone: JsonWebKey };
  /** The record of a release. */
  readonly released: { readonly stream: string; readonly version: number; readonly hash: string };
}
