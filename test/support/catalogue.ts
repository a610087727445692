import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandContext } from '#libs/event-store';

/**
 * Where the tables that ship with the program are; programs and tests run in the project's folder.
 */
export const catalogueFolder = pathToFileURL(`${resolve('contracts/catalogue')}/`);

/** An import as an administrator starts it; the same key is the same request. */
export const importing = (
  key = `import-${randomBytes(12).toString('base64url')}`,
): CommandContext => ({
  actor: { client: 'administrator' },
  idempotencyKey: key,
  seed: 'ab'.repeat(32),
  now: '2026-11-22T01:00:00.000Z',
});
