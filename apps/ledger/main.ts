import 'reflect-metadata';
import { recordsAre } from '#composition/event-store';
import { near, needsOfService, run } from '#composition/program';
import { readOnlyOf, readOnlyWords } from '#composition/read-only';
import { startLedger } from './ledger.js';

/**
 * The writing side: everything that appends or opens data. It makes the city's keys at the first
 * start, registers the first administrator, imports the shipped catalogue, and seals the log while
 * no other ledger does.
 */
await run({
  name: 'ledger',
  needs: needsOfService,
  start: startLedger,
  words: ({ house, metricsUrl }, settings) => {
    const readOnly = readOnlyOf(house.sealed);
    return [
      `The ledger of ${settings.city} listens on ${settings.host}:${settings.port}, for ${settings.publicUrl}; tokens come from ${settings.issuerUrl}.`,
      ...(readOnly === null ? [] : readOnlyWords(readOnly)),
      `  keys        ${near(house.keys.folder)}: every ledger of this city needs the same`,
      `  records     ${recordsAre(settings)}`,
      `  log         ${house.sealed.policy.needsWitnesses ? 'published with witnesses, as LOG_POLICY says' : 'published without a witness: LOG_POLICY would name some'}`,
      `  metrics     ${metricsUrl}`,
    ];
  },
});
