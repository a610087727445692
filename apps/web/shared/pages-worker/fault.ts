import { ProductError } from '#libs/kernel';
import type { PagesFault } from './known.ts';

/** The city serves, or says of its log, what is not borne out. */
export class Refused extends Error {
  readonly fault: PagesFault;

  constructor(code: string, path: string | null = null) {
    super(code);
    this.fault = { code, path };
  }
}

/** Of what the look threw; null where that says nothing about the city. */
export function faultOf(error: unknown): PagesFault | null {
  if (error instanceof Refused) return error.fault;
  return error instanceof ProductError ? { code: String(error.code), path: null } : null;
}
