import 'reflect-metadata';
import { relative, resolve } from 'node:path';
import { ProductError } from '#libs/kernel';
import { openLog, Settings, unexpected } from '#libs/platform';
import { type City, startCity } from './city.js';

/** Longest that a stop may take before the process ends anyway: what is acknowledged is on disk by then. */
const patienceMs = 15_000;

const began = performance.now();
await run();

async function run(): Promise<void> {
  let settings: Settings;
  try {
    settings = Settings.from();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(2);
  }
  const log = openLog(settings.logLevel, settings.logFile);
  // A policy of the operator's names the witnesses itself.
  const witnessBeside = (process.env['LOG_POLICY'] ?? '') === '';
  const starting = startCity(settings, log, { witnessBeside });
  let stopping = false;
  const stop = (code: number) => {
    if (stopping) process.exit(code === 0 ? 130 : code);
    stopping = true;
    setTimeout(() => process.exit(1), patienceMs).unref();
    void starting
      .then((city) => city.stop())
      .then(
        () => process.exit(code),
        () => process.exit(1),
      );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      stop(0);
    });
  process.on('uncaughtException', (error) => {
    log.fatal(unexpected(error), 'uncaught');
    stop(1);
  });
  try {
    say(await starting);
  } catch (error) {
    log.fatal(unexpected(error), 'not_started');
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

function say({ house, catalogue }: City): void {
  const { settings } = house.services;
  const folder = (path: string) => {
    const near = relative(process.cwd(), path);
    return near.startsWith('..') ? path : `./${near}`;
  };
  const added = catalogue.reduce((sum, report) => sum + report.added, 0);
  const known = catalogue.reduce((sum, report) => sum + report.unchanged, 0);
  const refused = catalogue.reduce((sum, report) => sum + report.refused.length, 0);
  const lines = [
    `mianzheng 免证: the city ${settings.city} is ready after ${((performance.now() - began) / 1000).toFixed(1)} s.`,
    `  ledger      ${settings.publicUrl}/v1, described in ${settings.publicUrl}/openapi.json`,
    `  identity    ${settings.issuerUrl}`,
    `  health      ${settings.publicUrl}/health/ready, metrics in /metrics`,
    house.embedded
      ? `  database    embedded PostgreSQL in ${folder(settings.dataDir)}/postgres`
      : '  database    the server of DATABASE_URL',
    `  catalogue   ${added} entries added, ${known} there already${refused > 0 ? `, ${refused} lines refused` : ''}`,
    `  log         ${settings.publicUrl}/log/checkpoint, for verifiers: ${folder(house.sealed.policyFile)}`,
    ...(house.sealed.policy.needsWitnesses
      ? [
          `  witness     beside the city, for a trial; a real one is another department's (docs/verification.md)`,
        ]
      : []),
    `  keys        ${folder(house.keys.folder)}: keep a copy apart from the database`,
    `  messages    ${settings.logFile === '-' ? 'standard error' : folder(settings.logFile)}`,
    `Next: ${demoOf(settings, house.keys.administrator.file)}, in a second terminal. Ctrl-C stops the city.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The demo's command, with what it has to be told where the city is not at its usual place. */
function demoOf({ publicUrl }: Settings, administratorKey: string): string {
  const told = [
    ...(publicUrl === 'http://127.0.0.1:8080' ? [] : [`MIANZHENG_URL=${publicUrl}`]),
    ...(administratorKey === resolve('data/keys/administrator.jwk')
      ? []
      : [`ADMINISTRATOR_KEY=${administratorKey}`]),
  ];
  return [...told, 'npm run demo'].join(' ');
}

function explain(error: unknown): string {
  if (!(error instanceof ProductError))
    return `The city did not start: ${error instanceof Error ? error.message : 'unknown error'}`;
  return `The city did not start: ${error.message} (${String(error.code)}).${error.hint === undefined ? '' : ` ${error.hint}`}`;
}
