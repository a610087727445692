import type { CommandContext } from '#libs/event-store';
import type { IdentifierKind } from './subject.events.js';
import type { AddIdentifier } from './subject.decider.js';

/**
 * A number of a person or an organisation as it was entered; it is only in request bodies and in
 * memory. Numbers of kinds 411 to 414 and 999 are unique only within their `issuer`: the state
 * (ICAO Doc 9303, part 3), or the issuer of the paper.
 */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly number: string;
  readonly issuer?: string | null | undefined;
}

/** The subject of a number, as far as a response has to wait for it. */
export interface Met {
  readonly subject: string;
  /**
   * What the subject's stream must hold before any other event; null where it is known to hold it.
   */
  readonly adding: AddIdentifier | null;
  /**
   * Does the rest: records the number in the subject's stream, or deletes what was made and is not
   * needed. A response must not wait for it, because its duration tells whether the number was
   * known; the next request for the number repeats what failed.
   */
  readonly settle: () => Promise<void>;
}

/**
 * Finds the subject of a number by an HMAC over kind, issuer and number, or creates a provisional
 * one: key, look-up row, then event, so that a row without an event can be completed. Two
 * concurrent calls for one unknown number return one subject.
 * @throws IdentifierInvalid where the number cannot be one of its kind, or its issuer is not named
 */
export abstract class SubjectDirectory {
  /** Takes the same steps, with as many durable writes, whether or not the number was known. */
  abstract resolve(context: CommandContext, identifier: Identifier): Promise<string>;
  /** `resolve` in two steps: up to the subject here, and the rest by `settle`. */
  abstract meet(context: CommandContext, identifier: Identifier): Promise<Met>;
  /**
   * The name under which a number is counted in limits: the same whether or not it is known.
   * @throws IdentifierInvalid
   */
  abstract countedAs(context: CommandContext, identifier: Identifier): string;
  /**
   * The subject that `resolve` will return in this context, without creating it, so that a refusal
   * comes before any write. Two concurrent contexts foresee two subjects for one unknown number.
   * @throws IdentifierInvalid
   */
  abstract foresee(context: CommandContext, identifier: Identifier): Promise<string>;
  /**
   * Several at once, in order; for imports, whose caller knows the people anyway, so that known
   * numbers cost one read.
   */
  abstract resolveMany(
    context: CommandContext,
    identifiers: readonly Identifier[],
  ): Promise<readonly string[]>;
  /** The subject of a known number; creates none. @throws IdentifierInvalid */
  abstract find(identifier: Identifier): Promise<string | null>;
  /** Whether a subject's key was destroyed; costs the same for every subject. */
  abstract isErased(subject: string): Promise<boolean>;
}

/** Consents that the keys of phones, and passkeys, granted, in the books of their holders. */
export abstract class GrantsOfKeys {
  /**
   * Ends what these keys granted and was not released, and what could be read again. Called after
   * the event that revoked them; a repeat ends what is left.
   */
  abstract end(context: CommandContext, subject: string, jkts: readonly string[]): Promise<void>;
}
