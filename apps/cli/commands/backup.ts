import type { Command } from 'commander';
import { resolve } from 'node:path';
import { productVersion } from '#composition/product-version';
import { leftOutOfBackups } from '#composition/schema';
import { takeBackup } from '#libs/backup/postgres';
import { migrationLock } from '#libs/platform';
import { withLedger } from '../ledger.js';
import { tellResult } from '../output.js';
import { policyOf } from '../policy-file.js';
import { progressBar } from '../progress.js';

/** `mianzheng backup`: a copy of a ledger, while it runs, that `mianzheng restore` takes. */
export function register(program: Command): void {
  program
    .command('backup')
    .description('back up the whole ledger into a folder, while it runs')
    .argument('<folder>', 'file to be created; it must not exist')
    .action(backup);
}

async function backup(folder: string): Promise<void> {
  await withLedger(async ({ settings, pool }) => {
    const target = resolve(folder);
    const bar = progressBar('bytes', 0);
    const apart = settings.eventStoreUrl !== undefined;
    const { manifest, bytes, digest } = await takeBackup(pool.options.connectionString ?? '', {
      target,
      product: await productVersion(),
      city: settings.city,
      leftOut: leftOutOfBackups(apart),
      records: apart ? 'elsewhere' : 'here',
      policy: await policyOf(settings),
      migrationLock,
      onProgress: (done, of) => {
        bar.at(done, of);
      },
    }).finally(() => {
      bar.stop();
    });
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    const lines = [
      `${target}: ${String(rows)} rows of ${String(manifest.tables.length)} tables, ${String(bytes)} bytes, as of ${manifest.taken}`,
      manifest.log === null
        ? 'The records are in the event store and not in here: its own backup must be older than this one (docs/operations/backup.md).'
        : `The log was sealed to ${String(manifest.log.size)} records.`,
      `SHA-256 of its SHA256SUMS: ${digest}`,
      'Keep this digest elsewhere: `restore --digest` uses it to detect any change to the backup.',
      `The keys are not in it. They are in ${settings.keysDir}: copy that folder to another place than this backup.`,
      'A master key that is given up later (`mianzheng keys rotate-master`) makes this backup unreadable: take a new one then.',
    ];
    tellResult(
      { folder: target, rows, bytes, digest, taken: manifest.taken, log: manifest.log },
      lines,
      digest,
    );
  });
}
