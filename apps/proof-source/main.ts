import { near, run } from '#composition/program';
import { sourceSettings } from './settings.js';
import { startSource } from './source.js';

/**
 * The source of e-proofs of a trial city: plays the services of its departments, out of a file of
 * made-up records and with a key of its own. It refuses to answer any other city.
 */
await run({
  name: 'proof-source',
  needs: {
    CITY_URL: 'where the trial city answers',
    LOG_POLICY: "the file of the policy of the city's log",
    SOURCE_CLIENT: 'the client under which the city registered the issuing authority',
    SOURCE_AUTHORITY: 'its unified social credit code',
    SOURCE_KEY: 'the file of its private key, a JWK',
    DATA_DIR: 'the folder of its records, for this source alone',
  },
  database: false,
  settings: sourceSettings,
  start: startSource,
  words: ({ url, records }, { cityUrl, dataDir, logFile }) => [
    `The source of e-proofs listens on ${url.replace('http://', '')}, for the trial city at ${cityUrl}.`,
    `  records     ${records}, all of them made up, in ${near(dataDir)}`,
    `  messages    ${logFile === '-' ? 'standard error' : near(logFile)}`,
  ],
  // Started by a trial hall, which tells the city where it is.
  tells: ({ url }) => ({ url }),
});
