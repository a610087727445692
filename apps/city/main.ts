import 'reflect-metadata';
import { recordsAre } from '#composition/event-store';
import { demoOf, near, run } from '#composition/program';
import { readOnlyOf, readOnlyWords } from '#composition/read-only';
import { isTrialOrigin } from '#libs/log';
import type { Settings } from '#libs/platform';
import { mustBeTrialHere } from '../trial/refusals.js';
import { type City, startCity } from './city.js';
import { TrialBeside } from './trial-beside.js';

const began = performance.now();
const trial = process.argv.includes('--try') ? new TrialBeside() : null;
await run({
  name: 'city',
  start: async (settings, log) => {
    if (trial !== null) mustBeTrialHere(settings.city, settings.publicUrl);
    // A policy of the operator's names the witnesses itself.
    const city = await startCity(settings, log, {
      witnessBeside: settings.logPolicy === undefined,
    });
    const stop = async () => {
      await trial?.stop();
      await city.stop();
    };
    return { ...city, stop };
  },
  words,
  afterwards: (_, settings) => trial?.start(settings),
});

function words({ house, catalogue, metricsUrl }: City, settings: Settings): readonly string[] {
  const added = catalogue.reduce((sum, report) => sum + report.added, 0);
  const known = catalogue.reduce((sum, report) => sum + report.unchanged, 0);
  const refused = catalogue.reduce((sum, report) => sum + report.refused.length, 0);
  const readOnly = readOnlyOf(house.sealed);
  const after = `after ${((performance.now() - began) / 1000).toFixed(1)} s.`;
  return [
    ...(readOnly === null
      ? [`mianzheng 免证: the city ${settings.city} is ready ${after}`]
      : [
          `mianzheng 免证: the city ${settings.city} runs READ-ONLY ${after}`,
          ...readOnlyWords(readOnly),
        ]),
    ...(isTrialOrigin(settings.city)
      ? [
          '  trial       for ever: a real city begins with a CITY of its own on an empty database',
          ...(trial === null
            ? ['  try         npm run trial, in a second terminal, opens a hall to try it by hand']
            : []),
        ]
      : []),
    `  pages       ${settings.publicUrl}: window, phone, online; administration at ${settings.publicUrl}/admin, begun with the file administrator.jwk of the keys`,
    `  ledger      ${settings.publicUrl}/v1, described in ${settings.publicUrl}/openapi.json`,
    `  identity    ${settings.issuerUrl}`,
    `  health      ${settings.publicUrl}/health/ready; metrics, for this machine alone: ${metricsUrl}`,
    house.infrastructure.embedded
      ? `  database    embedded PostgreSQL in ${near(settings.dataDir)}/postgres`
      : '  database    the server of DATABASE_URL',
    `  records     ${recordsAre(settings)}`,
    `  catalogue   ${added} entries added, ${known} there already${refused > 0 ? `, ${refused} lines refused` : ''}`,
    `  log         ${settings.publicUrl}/log/checkpoint, for verifiers: ${near(house.sealed.policyFile)}`,
    ...(house.sealed.policy.needsWitnesses
      ? [
          `  witness     beside the city, for a trial; a real one is another department's (docs/verification.md)`,
        ]
      : []),
    `  keys        ${near(house.keys.folder)}: keep a copy apart from the database`,
    `  messages    ${settings.logFile === '-' ? 'standard error' : near(settings.logFile)}`,
    readOnly === null
      ? `Next: ${demoOf(settings)}, in a second terminal. Ctrl-C stops the city.`
      : 'Ctrl-C stops the city.',
  ];
}
