import type { MaterialRule, MatterDefinition, TypeDefinition } from './catalogue.events.js';

/**
 * A matter with the rules in force; `ruleVersion` is 0 and `materials` have no answers where none
 * were ever set.
 */
export interface MatterWithRules {
  readonly matter: MatterDefinition;
  readonly ruleVersion: number;
  readonly materials: readonly MaterialRule[];
}

/**
 * The catalogue as commands need it: read from the streams themselves (a cache checks the stream's
 * version first).
 */
export abstract class Catalogue {
  abstract matter(code: string): Promise<MatterWithRules | null>;
  abstract type(code: string): Promise<TypeDefinition | null>;
}
