import type { Command } from 'commander';
import { openEventStore } from '#composition/event-store';
import { projectionClasses } from '#composition/schema';
import type { Projection } from '#libs/feed';
import { rebuild, type Rebuilt } from '#libs/feed/runner';
import { InvalidError } from '#libs/kernel';
import { withLedger } from '../ledger.js';
import { tellResult } from '../output.js';
import { progressBar } from '../progress.js';

export class ProjectionUnknown extends InvalidError<'projection_unknown'> {}

/** `mianzheng replay [name…]`: makes read models again from the records, while the city runs. */
export function register(program: Command): void {
  program
    .command('replay')
    .description('rebuild read models from the records, while the city runs')
    .argument('[names...]', 'read models; all of them if left out')
    .option('--check', 'only compare the stored rows with rebuilt ones, byte for byte')
    .action(replay);
}

async function replay(names: readonly string[], options: { readonly check?: true }): Promise<void> {
  const wanted = chosen(names);
  await withLedger(async ({ settings, pool }) => {
    const store = await openEventStore(settings, pool);
    try {
      for (const projection of wanted) {
        const bar = progressBar(projection.name.padEnd(12), 1);
        const check = options.check === true;
        const rebuilt = await rebuild(pool, store, projection, {
          check,
          onProgress: (read, of) => {
            bar.at(read, of);
          },
        }).finally(() => {
          bar.stop();
        });
        tellResult(rebuilt, [tell(rebuilt)]);
        if (rebuilt.tables.some(({ differing }) => (differing ?? 0) > 0)) process.exitCode = 1;
      }
    } finally {
      await store.close();
    }
  });
}

function chosen(names: readonly string[]): readonly Projection[] {
  const all = projectionClasses.map((Class): Projection => new Class());
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0)
    throw new ProjectionUnknown(
      'projection_unknown',
      `there is no read model ${unknown.join(', ')}`,
      {},
      { hint: `There are ${all.map(({ name }) => name).join(', ')}.` },
    );
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

function tell({ projection, records, tables }: Rebuilt): string {
  const parts = tables.map(({ table, rows, differing }) => {
    if (differing === null) return `${table} ${rows} rows`;
    return `${table} ${rows} rows, ${differing === 0 ? 'all equal' : `${differing} differ`}`;
  });
  return `${projection}: ${records} records read; ${parts.join('; ')}`;
}
