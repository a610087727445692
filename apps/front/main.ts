import 'reflect-metadata';
import { run } from '#composition/program';
import { startFront } from './front.js';
import { services } from './settings.js';

/** The one address of a city whose services stand apart. */
await run({
  name: 'front',
  database: false,
  needs: {
    PUBLIC_URL: 'the address under which clients reach this door',
    IDENTITY_URLS: 'where the issuers answer, as http://10.0.0.5:8080,http://10.0.0.6:8080',
    LEDGER_URLS: 'where the ledgers answer',
    WINDOW_URLS: 'where the windows answer',
  },
  start: (settings, log) => startFront(settings, log),
  words: ({ backends, metricsUrl }, settings) => [
    `The front door of ${settings.publicUrl} listens on ${settings.host}:${settings.port}.`,
    ...services.map(
      (service) =>
        `  ${service.padEnd(11)} ${backends[service].all.map(({ url }) => url.origin).join(', ')}`,
    ),
    `  metrics     ${metricsUrl}`,
  ],
});
