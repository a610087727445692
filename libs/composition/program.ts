import { join, relative, resolve } from 'node:path';
import { diskFull } from '#libs/embedded-postgres';
import { InvalidError, ProductError } from '#libs/kernel';
import {
  type Log,
  openLog,
  type ProgramSettings,
  readSecretFiles,
  SettingInvalid,
  Settings,
  unexpected,
} from '#libs/platform';
import { startTracing } from '#libs/tracing/export';
import { MemoryAtRest } from './memory-at-rest.js';
import { productVersion } from './product-version.js';
import { mayStart } from './preflight.js';

/** A required setting is missing. `facts.settings` names each, and the message says what it is. */
class SettingMissing extends InvalidError<'setting_missing'> {}

type ReadSettings<Told> = (env: NodeJS.ProcessEnv, folder: string, program: string) => Told;

export interface Program<
  Running extends { stop(): Promise<void> },
  Told extends ProgramSettings = Settings,
> {
  /** As in `The city did not start`. Also names the log file. */
  readonly name: string;
  /** Settings without a default that would do here, each with what it is. */
  readonly needs?: Readonly<Record<string, string>>;
  /** Whether it works on the database of the settings: looked at before anything is made. */
  readonly database?: boolean;
  /**
   * Reads its settings, where they differ from those of a process of a city. @throws SettingInvalid
   */
  readonly settings?: ReadSettings<Told>;
  start(settings: Told, log: Log): Promise<Running>;
  /**
   * Longest that a stop may take before the process ends anyway, in milliseconds: what is
   * acknowledged is on disk by then.
   */
  readonly patienceMs?: number;
  /** What is printed on standard output when it runs. */
  words(running: Running, settings: Told): readonly string[];
  /** What begins after that output. */
  afterwards?(running: Running, settings: Told): void;
  /** The message to the parent process when it runs. */
  tells?(running: Running): object;
}

/** Settings that separate services require, because a default would be another city's. */
export const needsOfService = {
  DATABASE_URL: "the city's PostgreSQL server, as postgres://user:password@host:5432/database",
  PUBLIC_URL: 'the address under which clients reach the city, as https://ledger.city.example',
} as const;

/**
 * Runs a program until it is stopped: by SIGINT or SIGTERM, or by the end of the parent that
 * started it. It exits with 0 after a clean stop, 1 when it could not start or failed, 2 when a
 * setting cannot be used.
 */
export async function run<
  Running extends { stop(): Promise<void> },
  Told extends ProgramSettings = Settings,
>(program: Program<Running, Told>): Promise<void> {
  // Output to a closed terminal, pipe or full file is lost, and stops nothing.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const settings = settingsOf(program);
  await mayStart(settings, program.database ?? true).catch((error: unknown) =>
    fail(program.name, error, error instanceof SettingInvalid ? 2 : 1),
  );
  const log = logOf(settings, program.name);
  const tracing = productVersion().then((version) =>
    startTracing({ service: program.name, version, ...settings.traces }),
  );
  const starting = tracing.then(() => program.start(settings, log));
  let stopping = false;
  const stop = (code: number) => {
    if (stopping) process.exit(code === 0 ? 130 : code);
    stopping = true;
    setTimeout(() => process.exit(1), program.patienceMs ?? 15_000).unref();
    void starting
      .then((running) => running.stop())
      .then(async () => (await tracing).stop())
      .then(
        () => process.exit(code),
        () => process.exit(1),
      );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      stop(0);
    });
  process.once('disconnect', () => {
    if (!stopping) stop(0);
  });
  process.on('uncaughtException', (error) => {
    // An error in here would end the process at once, and leave the embedded database behind.
    try {
      log.fatal(unexpected(error), 'uncaught');
    } finally {
      stop(1);
    }
  });
  try {
    const running = await starting;
    MemoryAtRest.begin();
    process.stdout.write(`${program.words(running, settings).join('\n')}\n`);
    program.afterwards?.(running, settings);
    process.send?.(program.tells?.(running) ?? { ready: true });
  } catch (error) {
    log.fatal(unexpected(error), 'not_started');
    fail(program.name, error, error instanceof SettingInvalid ? 2 : 1);
  }
}

const ofCity: ReadSettings<Settings> = (...told) => Settings.from(...told);

function settingsOf<Told extends ProgramSettings>({
  name,
  needs = {},
  settings,
}: Pick<Program<never, Told>, 'name' | 'needs' | 'settings'>): Told {
  try {
    readSecretFiles(process.env);
    const missing = Object.entries(needs).filter(([each]) => (process.env[each] ?? '') === '');
    if (missing.length > 0)
      throw new SettingMissing(
        'setting_missing',
        `it must be told ${missing.map(([each, what]) => `${each}, ${what}`).join('; and ')}`,
        { settings: missing.map(([each]) => each) },
        { hint: 'docs/operations/settings.md has all settings.' },
      );
    // A program without its own settings gets those of a process of a city.
    const read = settings ?? (ofCity as ReadSettings<ProgramSettings> as ReadSettings<Told>);
    return read(process.env, process.cwd(), name);
  } catch (error) {
    return fail(name, error, error instanceof SettingMissing ? 1 : 2);
  }
}

function logOf({ logLevel, logFile }: ProgramSettings, name: string): Log {
  try {
    return openLog(logLevel, logFile);
  } catch (cause) {
    const full = diskFull(cause);
    if (full !== null) return fail(name, full, 1);
    const wrong =
      process.env['LOG_FILE'] === undefined
        ? SettingInvalid.mustBe('DATA_DIR', 'a folder that this program can write in', { cause })
        : SettingInvalid.mustBe('LOG_FILE', 'a file that this program can write', { cause });
    return fail(name, wrong, 2);
  }
}

/** Says in one text why a program did not start, and ends it. */
export function fail(name: string, error: unknown, code: number): never {
  process.stderr.write(`The ${name} did not start: ${explain(error)}\n`);
  process.exit(code);
}

function explain(thrown: unknown): string {
  const error = thrown instanceof ProductError ? thrown : (diskFull(thrown) ?? thrown);
  if (!(error instanceof ProductError))
    return error instanceof Error ? error.message : 'unknown error';
  const end = /[.;:]$/.test(error.message) ? '' : '.';
  return `${error.message} (${String(error.code)})${end}${error.hint === undefined ? '' : ` ${error.hint}`}`;
}

/** A path as it is shortest to read from here. */
export function near(path: string): string {
  const found = relative(process.cwd(), path);
  return found.startsWith('..') ? path : `./${found}`;
}

/**
 * The demo's command line, with the options that it needs where the city is not at its default
 * place.
 */
export function demoOf({ publicUrl, keysDir }: Settings): string {
  const administratorKey = join(keysDir, 'administrator.jwk');
  const told = [
    ...(publicUrl === 'http://localhost:8080' ? [] : [`MIANZHENG_URL=${publicUrl}`]),
    ...(administratorKey === resolve('data/keys/administrator.jwk')
      ? []
      : [`ADMINISTRATOR_KEY=${administratorKey}`]),
  ];
  return [...told, 'npm run demo'].join(' ');
}
