import { isAbsolute, join, resolve } from 'node:path';
import { InvalidError } from '#libs/kernel';

/** A setting of the process has a value that cannot be used. `facts.setting` names it; its value is not repeated, it may be a password. */
export class SettingInvalid extends InvalidError<'setting_invalid'> {
  static mustBe(setting: string, must: string, options?: { cause?: unknown; hint?: string }) {
    const message = `${setting} must be ${must}`;
    return new SettingInvalid('setting_invalid', message, { setting }, options);
  }
}

/** How much one client, window or department may ask for. */
export interface Limits {
  readonly requestsPerSecond: number;
  readonly holdersPerWindowAndDay: number;
  readonly holdersPerDepartmentAndDay: number;
}

/** Where the metrics are read: a door of their own, because whoever reaches the public one is not an operator. */
export interface MetricsDoor {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** Where traces go, and how many. */
export interface TraceSettings {
  /** An OTLP collector over HTTP, without the path; where there is none, nothing is traced. */
  readonly collector: string | undefined;
  /** Part of the requests that are traced, 0 to 1; decided where a request enters the house. */
  readonly ratio: number;
  /** Whether `traceparent` comes from our own front door, which lets no stranger's through. */
  readonly fromFrontDoor: boolean;
}

/** What every program is told, whatever it serves. */
export interface ProgramSettings {
  /** Interface to listen on. Loopback unless told otherwise: a city is put behind TLS before it is shown to a network. */
  readonly host: string;
  readonly port: number;
  /** Where what it keeps is kept; absolute. */
  readonly dataDir: string;
  readonly logLevel: string;
  /** Where the log goes; `-` for standard error. */
  readonly logFile: string;
  readonly metrics: MetricsDoor;
  readonly traces: TraceSettings;
}

/**
 * @param program names the log file, where it is not told
 * @param ports the one that is usual, and the least that may be told: 0 where any free one will do
 * @throws SettingInvalid
 */
export function programSettings(
  env: NodeJS.ProcessEnv,
  folder: string,
  program: string,
  ports: { readonly usual: number; readonly least: 0 | 1 } = { usual: 8080, least: 1 },
): ProgramSettings {
  const port = integer(env, 'PORT', ports.usual, ports.least, 65_535);
  const dataDir = path(env['DATA_DIR'] ?? 'data', folder);
  return {
    host: env['HOST'] ?? '127.0.0.1',
    port,
    dataDir,
    logLevel: text(env, 'LOG_LEVEL', 'info', /^(trace|debug|info|warn|error|fatal|silent)$/),
    logFile:
      env['LOG_FILE'] === '-'
        ? '-'
        : path(env['LOG_FILE'] ?? join(dataDir, `${program}.log`), folder),
    metrics: metricsDoor(env, port),
    traces: traceSettings(env),
  };
}

/** What a process of a city is told from outside. Read once at start, from environment variables; every value has a default that runs a city here. */
export class Settings implements ProgramSettings {
  private constructor(
    readonly host: string,
    readonly port: number,
    /** The origin under which clients reach this process, without a slash at the end: DPoP proofs are made over it. */
    readonly publicUrl: string,
    /** Where the embedded database and run files are kept; absolute. */
    readonly dataDir: string,
    /** Where this program's key files are; absolute. */
    readonly keysDir: string,
    /** A PostgreSQL server to use instead of the embedded one. */
    readonly databaseUrl: string | undefined,
    /** An EventStoreDB or KurrentDB that keeps the records, instead of the database. Holds a password: it is never logged. */
    readonly eventStoreUrl: string | undefined,
    /** The log's origin, written into every record. It cannot be changed once there are records. */
    readonly city: string,
    /** The file of the log's policy: whose cosignatures are needed. Without one, a city makes its own. */
    readonly logPolicy: string | undefined,
    /** The issuer of access tokens: the identity service mounted here, or any other. */
    readonly issuerUrl: string,
    /** Where the catalogue's files are: imported at the first start. */
    readonly catalogueDir: string,
    readonly logLevel: string,
    readonly logFile: string,
    readonly limits: Limits,
    readonly metrics: MetricsDoor,
    readonly traces: TraceSettings,
  ) {}

  /** @param program names the log file, where it is not told. @throws SettingInvalid */
  static from(
    env: NodeJS.ProcessEnv = process.env,
    folder = process.cwd(),
    program = 'city',
  ): Settings {
    const common = programSettings(env, folder, program);
    const { port, dataDir } = common;
    const publicUrl = origin(env, 'PUBLIC_URL', `http://127.0.0.1:${port}`);
    return new Settings(
      common.host,
      port,
      publicUrl,
      dataDir,
      path(env['KEYS_DIR'] ?? join(dataDir, 'keys'), folder),
      env['DATABASE_URL'] === undefined ? undefined : databaseUrl(env['DATABASE_URL']),
      env['EVENT_STORE_URL'] === undefined ? undefined : eventStoreUrl(env['EVENT_STORE_URL']),
      text(env, 'CITY', 'city.example', /^[a-z0-9][a-z0-9.-]{0,62}$/),
      (env['LOG_POLICY'] ?? '') === '' ? undefined : path(env['LOG_POLICY'] ?? '', folder),
      env['ISSUER_URL'] === undefined ? `${publicUrl}/identity` : url(env, 'ISSUER_URL'),
      path(env['CATALOGUE_DIR'] ?? 'contracts/catalogue', folder),
      common.logLevel,
      common.logFile,
      {
        requestsPerSecond: integer(env, 'REQUESTS_PER_SECOND', 50, 1, 1_000_000),
        holdersPerWindowAndDay: integer(env, 'HOLDERS_PER_WINDOW_AND_DAY', 300, 1, 1_000_000),
        holdersPerDepartmentAndDay: integer(
          env,
          'HOLDERS_PER_DEPARTMENT_AND_DAY',
          3000,
          1,
          10_000_000,
        ),
      },
      common.metrics,
      common.traces,
    );
  }
}

function metricsDoor(env: NodeJS.ProcessEnv, port: number): MetricsDoor {
  const beside = port === 0 ? 0 : port + 1000 > 65_535 ? port - 1000 : port + 1000;
  return {
    host: env['METRICS_HOST'] ?? '127.0.0.1',
    port: integer(env, 'METRICS_PORT', beside, 0, 65_535),
  };
}

/** The names are OpenTelemetry's own where it has some. */
function traceSettings(env: NodeJS.ProcessEnv): TraceSettings {
  const collector = env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  return {
    collector: collector === '' ? undefined : url(env, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
    ratio: Number(text(env, 'OTEL_TRACES_SAMPLER_ARG', '1', /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/)),
    fromFrontDoor:
      text(env, 'TRACEPARENT_FROM', 'nobody', /^(nobody|front-door)$/) === 'front-door',
  };
}

const wrong = (setting: string, must: string) => SettingInvalid.mustBe(setting, must);

const path = (value: string, folder: string) =>
  isAbsolute(value) ? value : resolve(folder, value);

function integer(
  env: NodeJS.ProcessEnv,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const value = env[name];
  if (value === undefined || value === '') return otherwise;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most))
    throw wrong(name, `a whole number from ${least} to ${most}`);
  return number;
}

function text(env: NodeJS.ProcessEnv, name: string, otherwise: string, shape: RegExp): string {
  const value = env[name] ?? otherwise;
  if (!shape.test(value)) throw wrong(name, `of the form ${shape.source}`);
  return value;
}

function url(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name] ?? '';
  const parsed = URL.canParse(value) ? new URL(value) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash)
    throw wrong(name, 'an http or https URL without query and fragment');
  return value.replace(/\/$/, '');
}

function origin(env: NodeJS.ProcessEnv, name: string, otherwise: string): string {
  if (env[name] === undefined) return otherwise;
  const value = url(env, name);
  if (new URL(value).origin !== value) throw wrong(name, 'an origin: scheme, host and port alone');
  return value;
}

function databaseUrl(value: string): string {
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value))
    throw wrong('DATABASE_URL', 'a postgres:// URL');
  return value;
}

/** The shape alone: what the driver makes of hosts and options is refused where the store is opened. */
function eventStoreUrl(value: string): string {
  if (!/^(?:esdb|kurrentdb|kdb)(?:\+discover)?:\/\/[^\s/?]+\/?(?:\?\S*)?$/.test(value))
    throw wrong('EVENT_STORE_URL', 'an esdb:// or kurrentdb:// URL');
  return value;
}
