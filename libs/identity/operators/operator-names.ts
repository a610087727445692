import type { SealedOperatorName } from './operators.events.js';

/**
 * Names of operators, under a key of each operator's own. The vault implements it: with the key of
 * an operator destroyed, nobody opens the name again, and the records still verify.
 */
export abstract class OperatorNames {
  abstract seal(operator: string, name: string): Promise<SealedOperatorName>;
  /** Null where the key was destroyed. */
  abstract open(operator: string, sealed: SealedOperatorName): Promise<string | null>;
}
