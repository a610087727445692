import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';

/**
 * Test data from elsewhere, never committed: the folder that VECTORS_DIR names, `../shared/vectors`
 * if unset.
 */
export const vectorsFolder =
  process.env['VECTORS_DIR'] ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));

/**
 * A suite over shared vectors. Where the folder is missing it is skipped under a name that says so;
 * `.ci/run` fails on that.
 */
export function describeWithVectors(name: string, suite: () => void): void {
  if (existsSync(vectorsFolder)) describe(name, suite);
  else describe.skip(`${name} (vectors missing: set VECTORS_DIR)`, suite);
}
