import type { ProductError } from '#libs/kernel';

/** Why a line is refused, here or by the city. */
export type Refusal = Pick<ProductError, 'code' | 'message' | 'facts'> & {
  /** What to do, as the city says it. */
  readonly hint?: string | undefined;
  readonly hintZh?: string | undefined;
};
