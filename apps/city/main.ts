import 'reflect-metadata';
import type { Settings } from '#libs/platform';
import { demoOf, near, run } from '../house/program.js';
import { type City, startCity } from './city.js';

const began = performance.now();
await run({
  name: 'city',
  // A policy of the operator's names the witnesses itself.
  start: (settings, log) =>
    startCity(settings, log, { witnessBeside: settings.logPolicy === undefined }),
  words,
});

function words({ house, catalogue, metricsUrl }: City, settings: Settings): readonly string[] {
  const added = catalogue.reduce((sum, report) => sum + report.added, 0);
  const known = catalogue.reduce((sum, report) => sum + report.unchanged, 0);
  const refused = catalogue.reduce((sum, report) => sum + report.refused.length, 0);
  return [
    `mianzheng 免证: the city ${settings.city} is ready after ${((performance.now() - began) / 1000).toFixed(1)} s.`,
    `  ledger      ${settings.publicUrl}/v1, described in ${settings.publicUrl}/openapi.json`,
    `  identity    ${settings.issuerUrl}`,
    `  health      ${settings.publicUrl}/health/ready; metrics, for this machine alone: ${metricsUrl}`,
    house.ground.embedded
      ? `  database    embedded PostgreSQL in ${near(settings.dataDir)}/postgres`
      : '  database    the server of DATABASE_URL',
    `  catalogue   ${added} entries added, ${known} there already${refused > 0 ? `, ${refused} lines refused` : ''}`,
    `  log         ${settings.publicUrl}/log/checkpoint, for verifiers: ${near(house.sealed.policyFile)}`,
    ...(house.sealed.policy.needsWitnesses
      ? [
          `  witness     beside the city, for a trial; a real one is another department's (docs/verification.md)`,
        ]
      : []),
    `  keys        ${near(house.keys.folder)}: keep a copy apart from the database`,
    `  messages    ${settings.logFile === '-' ? 'standard error' : near(settings.logFile)}`,
    `Next: ${demoOf(settings)}, in a second terminal. Ctrl-C stops the city.`,
  ];
}
