import 'reflect-metadata';
import { demoOf, near, run } from '../house/program.js';
import { startServices } from './services.js';

/** A city as separate services on one machine: what `npm run start:services` runs. */
await run({
  name: 'services',
  patienceMs: 40_000,
  start: startServices,
  words: ({ ground, children, runFile }, settings) => [
    `mianzheng 免证: the city ${settings.city} is ready as separate services behind ${settings.publicUrl}.`,
    ...children.map(
      ({ plan: { name, port }, pid }) =>
        `  ${name.padEnd(11)} http://127.0.0.1:${port}, process ${pid ?? '-'}`,
    ),
    ground.embedded
      ? `  database    embedded PostgreSQL in ${near(settings.dataDir)}/postgres`
      : '  database    the server of DATABASE_URL',
    ...(settings.eventStoreUrl === undefined ? [] : ['  records     in EVENT_STORE_URL']),
    `  keys        ${near(settings.keysDir)}: keep a copy apart from the database`,
    `  messages    ${near(settings.dataDir)}/logs, one file each; processes in ${near(runFile)}`,
    `Next: ${demoOf(settings)}, in a second terminal. Ctrl-C stops all of them.`,
  ],
});
