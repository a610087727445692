import 'reflect-metadata';
import { needsOfService, run } from '#composition/program';
import { startWindow } from './window.js';

/**
 * The reading side: folds the feed into read models while no other window does, and answers from
 * them.
 */
await run({
  name: 'window',
  needs: needsOfService,
  start: startWindow,
  words: ({ metricsUrl }, settings) => [
    `A window of ${settings.city} listens on ${settings.host}:${settings.port}, for ${settings.publicUrl}; tokens come from ${settings.issuerUrl}.`,
    `  metrics     ${metricsUrl}`,
  ],
});
