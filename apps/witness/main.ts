import { near, run } from '#composition/program';
import { originOf } from '#libs/witness';
import { witnessSettings } from './settings.js';
import { startWitness } from './witness.js';

/**
 * A witness of other people's logs, to be run by a department that does not run the ledger. It
 * holds a key and the latest checkpoint of each log, and cosigns what continues it.
 */
await run({
  name: 'witness',
  needs: {
    WITNESS_NAME: 'its name in signatures, for ever, as witness.audit.example.gov',
    WITNESS_LOGS: 'a file with the verifier key of a log on each line',
    // No default: a witness that is started elsewhere another time forgets what it signed.
    DATA_DIR: 'the folder of its key and its checkpoints, for this witness alone',
  },
  settings: witnessSettings,
  start: startWitness,
  words: ({ url, key, metricsUrl }, { name, logs, dataDir, logFile }) => [
    `The witness ${name} listens on ${url.replace('http://', '')}, for ${logs.map(originOf).join(', ')}.`,
    `  key         ${key}`,
    `  folder      ${near(dataDir)}: never two witnesses in it, never brought back from a backup`,
    `  messages    ${logFile === '-' ? 'standard error' : near(logFile)}`,
    `  metrics     ${metricsUrl}`,
  ],
  // Started by a city for a trial.
  tells: ({ url, key }) => ({ url, key }),
});
