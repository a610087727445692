import type { Schemas } from '#libs/event-store';

interface Fact<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

/** The city serves another set of pages from now on. */
export type PagesPublished = Fact<
  'PagesPublished',
  {
    /** SHA-256, base64url, of a line `HASH PATH` for each file, in the order of the paths. */
    readonly set: string;
    /** The version of the product that published it. */
    readonly productVersion: string;
    /** In the order of their paths; `hash` is the SHA-256 of a file's bytes, base64url. */
    readonly files: readonly { readonly path: string; readonly hash: string }[];
  }
>;
export type PagesEvent = PagesPublished;

/** The schemas that these events have had. */
export const pagesSchemas: Schemas<PagesEvent['type']> = { PagesPublished: [] };
