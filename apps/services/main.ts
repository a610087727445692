import 'reflect-metadata';
import { recordsAre } from '#composition/event-store';
import { demoOf, near, run } from '#composition/program';
import { readOnlyWords } from '#composition/read-only';
import { startServices } from './services.js';

/** `--ledgers N`, 1 to 16; undefined where it is not said. */
const ledgers = ((): number | undefined => {
  const at = process.argv.indexOf('--ledgers');
  if (at < 0) return undefined;
  const count = Number(process.argv[at + 1]);
  if (Number.isInteger(count) && count >= 1 && count <= 16) return count;
  process.stderr.write('--ledgers must be a number from 1 to 16.\n');
  process.exit(2);
})();

/** A city as separate services on one machine: what `npm run start:services` runs. */
await run({
  name: 'services',
  patienceMs: 40_000,
  start: (settings, log) => startServices(settings, log, ledgers),
  words: ({ ground, children, runFile, readOnly }, settings) => [
    `mianzheng 免证: the city ${settings.city} ${readOnly === null ? 'is ready' : 'runs READ-ONLY'} as separate services behind ${settings.publicUrl}.`,
    ...(readOnly === null ? [] : readOnlyWords(readOnly)),
    ...children.map(
      ({ plan: { name, port }, pid }) =>
        `  ${name.padEnd(11)} http://127.0.0.1:${port}, process ${pid ?? '-'}`,
    ),
    ground.embedded
      ? `  database    embedded PostgreSQL in ${near(settings.dataDir)}/postgres`
      : '  database    the server of DATABASE_URL',
    `  records     ${recordsAre(settings)}`,
    `  keys        ${near(settings.keysDir)}: keep a copy apart from the database`,
    `  messages    ${near(settings.dataDir)}/logs, one file each; processes in ${near(runFile)}`,
    `${readOnly === null ? `Next: ${demoOf(settings)}, in a second terminal. ` : ''}Ctrl-C stops all of them.`,
  ],
});
