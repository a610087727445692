import type { Instant } from '#libs/kernel';
import type { Identifier } from '#libs/subject';

/** What a department is asked for: one e-proof of one person. */
export interface ProofWanted {
  /** The same each time that it is asked for again: the department makes it once. */
  readonly request: string;
  /** Code of the type in the catalogue. */
  readonly type: string;
  readonly holder: Identifier;
  readonly purpose: { readonly zh: string; readonly en: string };
  readonly now: Instant;
}

/** What a department answered. */
export interface ProofMade {
  /** The issuing authority's client, by whose keys it is judged. */
  readonly client: string;
  /** As the authority signed it, with all disclosures. */
  readonly sdJwt: string;
}

/**
 * The services of departments that make e-proofs out of their records. An adapter answers only what
 * the authority's registered key signed for this very request.
 */
export abstract class ProofSource {
  /** Whether a department makes e-proofs of this type for this city. */
  abstract has(type: string): Promise<boolean>;
  /**
   * @returns null where the department has no such record of the holder
   * @throws ProofSourceAway, ProofSourceMissing, ProofAnswerRefused
   */
  abstract ask(wanted: ProofWanted): Promise<ProofMade | null>;
}
