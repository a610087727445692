import { isAbsolute, join, resolve } from 'node:path';
import { type OperatorsIssuerSettings, readOperatorsIssuer } from './operators-issuer.js';
import { Proxies } from './proxies.js';
import { readSecretFiles } from './secret-files.js';
import { SettingInvalid } from './setting-invalid.js';

/** Limits of one client, window or department. */
export interface Limits {
  readonly requestsPerSecond: number;
  readonly holdersPerWindowAndDay: number;
  readonly holdersPerDepartmentAndDay: number;
  /**
   * How often one window may ask one holder within an hour; identifications are counted separately.
   */
  readonly questionsPerHolderAndHour: number;
  /** Streams of events that may be open at one process. */
  readonly eventStreams: number;
  /** How many cases one holder opens online in a day. */
  readonly casesPerHolderAndDay: number;
}

/** Limits of callers without credentials, and how their address is determined. */
export interface OpenRouteLimits {
  /** In ten seconds. */
  readonly requestsOfOneAddress: number;
  readonly openRequestsAtOnce: number;
  readonly proxies: Proxies;
}

/**
 * Where the metrics are served: at an address of their own, because callers of the public one are
 * not operators.
 */
export interface MetricsDoor {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** Where traces go, and how many. */
export interface TraceSettings {
  /** An OTLP collector over HTTP, without the path; where there is none, nothing is traced. */
  readonly collector: string | undefined;
  /** Share of the requests that are traced, 0 to 1; decided where a request enters the city. */
  readonly ratio: number;
  /** Whether `traceparent` comes from the city's own front door, which removes foreign ones. */
  readonly fromFrontDoor: boolean;
}

/** How operators sign in at terminals. */
export interface SignInSettings {
  /** The RP ID of passkeys: the host of the public URL, or a domain that it is in. */
  readonly rpId: string;
  /** Seconds after which an operator signs in anew, whatever happens between. */
  readonly longest: number;
  /** Null where operators sign in here, each with a passkey. */
  readonly operatorsIssuer: OperatorsIssuerSettings | null;
}

/** Settings of every program. */
export interface ProgramSettings {
  /**
   * Interface to listen on. Loopback by default: a city needs TLS before it is exposed to a
   * network.
   */
  readonly host: string;
  readonly port: number;
  /** The data directory; absolute. */
  readonly dataDir: string;
  readonly logLevel: string;
  /** Where the log goes; `-` for standard error. */
  readonly logFile: string;
  readonly metrics: MetricsDoor;
  readonly traces: TraceSettings;
}

/**
 * @param program names the log file by default
 * @param ports the default, and the smallest allowed: 0 where any free one will do
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
  const host = env['HOST'] ?? '127.0.0.1';
  return {
    host,
    port,
    dataDir,
    logLevel: text(env, 'LOG_LEVEL', 'info', /^(trace|debug|info|warn|error|fatal|silent)$/),
    logFile:
      env['LOG_FILE'] === '-'
        ? '-'
        : path(env['LOG_FILE'] ?? join(dataDir, `${program}.log`), folder),
    metrics: metricsDoor(env, { host, port }),
    traces: traceSettings(env),
  };
}

/**
 * Settings of a process of a city. Read once at start, from environment variables; the defaults run
 * a city on this machine.
 */
export class Settings implements ProgramSettings {
  private constructor(
    readonly host: string,
    readonly port: number,
    /**
     * The origin under which clients reach this process, without a slash at the end: DPoP proofs
     * contain it.
     */
    readonly publicUrl: string,
    /** Directory of the embedded database and run files; absolute. */
    readonly dataDir: string,
    /** Directory of this program's key files; absolute. */
    readonly keysDir: string,
    /** A PostgreSQL server to use instead of the embedded one. */
    readonly databaseUrl: string | undefined,
    /**
     * An EventStoreDB or KurrentDB that holds the records, instead of the database. It contains a
     * password and is never logged.
     */
    readonly eventStoreUrl: string | undefined,
    /**
     * The log's origin, in every record: never changed once there are records, so that what began
     * as a trial stays one (`isTrialOrigin`).
     */
    readonly city: string,
    /**
     * The file of the log's policy, which says whose cosignatures are needed. Without one, a city
     * makes its own.
     */
    readonly logPolicy: string | undefined,
    /**
     * By a witness's name in the policy: its monitoring prefix, where that differs from its URL
     * there.
     */
    readonly witnessMonitoring: ReadonlyMap<string, string>,
    /** The issuer of access tokens: the identity service mounted here, or any other. */
    readonly issuerUrl: string,
    /** Directory of the catalogue's files, imported at the first start. */
    readonly catalogueDir: string,
    /** The file that names the services of departments that make e-proofs; there may be none. */
    readonly proofSources: string,
    readonly logLevel: string,
    readonly logFile: string,
    readonly limits: Limits,
    readonly openRoutes: OpenRouteLimits,
    readonly metrics: MetricsDoor,
    readonly traces: TraceSettings,
    readonly signIn: SignInSettings,
  ) {}

  /**
   * Replaces each `NAME_FILE` of a secret in `env` by the file's content. @param program names the
   * log file by default.
   * @throws SettingInvalid
   */
  static from(
    env: NodeJS.ProcessEnv = process.env,
    folder = process.cwd(),
    program = 'city',
  ): Settings {
    readSecretFiles(env);
    const common = programSettings(env, folder, program);
    const { port, dataDir } = common;
    const publicUrl = origin(env, 'PUBLIC_URL', `http://localhost:${port}`);
    return new Settings(
      common.host,
      port,
      publicUrl,
      dataDir,
      path(env['KEYS_DIR'] ?? join(dataDir, 'keys'), folder),
      env['DATABASE_URL'] === undefined ? undefined : databaseUrl(env['DATABASE_URL']),
      // Compose files pass unset variables as empty values.
      (env['EVENT_STORE_URL'] ?? '') === ''
        ? undefined
        : eventStoreUrl(env['EVENT_STORE_URL'] ?? ''),
      text(env, 'CITY', 'trial.city.example', /^[a-z0-9][a-z0-9.-]{0,62}$/),
      (env['LOG_POLICY'] ?? '') === '' ? undefined : path(env['LOG_POLICY'] ?? '', folder),
      monitoringPrefixes(env['WITNESS_MONITORING'] ?? ''),
      env['ISSUER_URL'] === undefined ? `${publicUrl}/identity` : url(env, 'ISSUER_URL'),
      path(env['CATALOGUE_DIR'] ?? 'contracts/catalogue', folder),
      (env['PROOF_SOURCES'] ?? '') === ''
        ? join(dataDir, 'proof-sources.json')
        : path(env['PROOF_SOURCES'] ?? '', folder),
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
        questionsPerHolderAndHour: integer(env, 'QUESTIONS_PER_HOLDER_AND_HOUR', 30, 1, 1_000_000),
        eventStreams: integer(env, 'EVENT_STREAMS', 5000, 1, 100_000),
        casesPerHolderAndDay: integer(env, 'CASES_PER_HOLDER_AND_DAY', 10, 1, 1_000_000),
      },
      openRouteLimits(env),
      common.metrics,
      common.traces,
      {
        rpId: relyingParty(env, publicUrl),
        longest: 3600 * integer(env, 'SIGN_IN_HOURS', 10, 1, 24),
        operatorsIssuer: readOperatorsIssuer(env),
      },
    );
  }
}

function openRouteLimits(env: NodeJS.ProcessEnv): OpenRouteLimits {
  const proxies = Proxies.read(env['PROXIES'] ?? '');
  if (proxies === null)
    throw wrong('PROXIES', 'addresses or networks such as 10.0.0.0/8, with commas between them');
  return {
    requestsOfOneAddress: integer(env, 'REQUESTS_OF_ONE_ADDRESS', 1000, 10, 1_000_000),
    openRequestsAtOnce: integer(env, 'OPEN_REQUESTS_AT_ONCE', 32, 1, 10_000),
    proxies,
  };
}

function metricsDoor(env: NodeJS.ProcessEnv, open: Address): MetricsDoor {
  const beside = open.port === 0 ? 0 : open.port + (open.port + 1000 > 65_535 ? -1000 : 1000);
  const door = {
    host: env['METRICS_HOST'] ?? '127.0.0.1',
    port: integer(env, 'METRICS_PORT', beside, 0, 65_535),
  };
  if (overlap(door, open))
    throw SettingInvalid.mustBe('METRICS_PORT', 'another port than PORT', {
      hint: 'Left out, it is PORT + 1000.',
    });
  return door;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Whether one process cannot listen on both: the same port of two interfaces is possible. */
function overlap(one: Address, other: Address): boolean {
  if (one.port === 0 || one.port !== other.port) return false;
  const [a, b] = [one, other].map(({ host }) => (host === 'localhost' ? '127.0.0.1' : host));
  return a === b || [a, b].some((host) => host === '0.0.0.0' || host === '::');
}

/** The names are OpenTelemetry's own where it defines them. */
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

/** A name below which the host of the public URL is, or the host itself. */
function relyingParty(env: NodeJS.ProcessEnv, publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  const told = env['RP_ID'] ?? '';
  if (told === '' || told === hostname) return hostname;
  if (!/^([a-z0-9-]+\.)+[a-z0-9-]+$/.test(told) || !hostname.endsWith(`.${told}`))
    throw wrong('RP_ID', `the host of PUBLIC_URL, ${hostname}, or a domain that it is in`);
  return told;
}

/** `name=URL`, several separated by spaces. */
function monitoringPrefixes(value: string): ReadonlyMap<string, string> {
  const prefixes = new Map<string, string>();
  for (const word of value.split(/\s+/).filter((one) => one !== '')) {
    const [, name = '', prefix = ''] = /^([^=]+)=(https?:\/\/.+)$/.exec(word) ?? [];
    if (name === '' || !URL.canParse(prefix) || prefixes.has(name))
      throw wrong('WITNESS_MONITORING', 'name=URL, once for each witness, apart by spaces');
    prefixes.set(name, prefix);
  }
  return prefixes;
}

function databaseUrl(value: string): string {
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value))
    throw wrong('DATABASE_URL', 'a postgres:// URL');
  return value;
}

/**
 * Checks the form alone: the driver's rules for hosts and options apply where the store is opened.
 */
function eventStoreUrl(value: string): string {
  if (!/^(?:esdb|kurrentdb|kdb)(?:\+discover)?:\/\/[^\s/?]+\/?(?:\?\S*)?$/.test(value))
    throw wrong('EVENT_STORE_URL', 'an esdb:// or kurrentdb:// URL');
  return value;
}
