import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import type { SigningKeys } from '#libs/identity/identity.module';
import { type Clock, fromBase64url, InvalidError } from '#libs/kernel';
import { formatKey, type NoteSigner, SignatureType } from '#libs/log';
import { type Log, type Metrics, SettingInvalid, type Settings, unexpected } from '#libs/platform';
import { nodeSha256, nodeSigner, nodeVerify } from '#libs/sealing';
import {
  LogPolicy,
  type LogServices,
  PostgresLogStorage,
  PublishedStatementKeys,
  LogReceipts,
  RefusalWatch,
  Sealer,
  PolicyReceipts,
  StoreComparison,
  TileMemory,
  TileReading,
  witnessesOf,
} from '#libs/sealing/sealing.module';
import { inSpan } from '#libs/tracing';
import { PolicyError } from '#libs/verify';
import { MeasuredWitness } from './measured-witness.js';
import { watchLog } from './watching.js';
import { publish } from './published-files.js';
import type { KeyFolder } from './keys.js';
import type { WitnessBeside } from './witness-beside.js';

/** The log's key file holds no key. */
class LogKeyInvalid extends InvalidError<'key_file_invalid'> {}

/**
 * The log's signing key, made at the first start like the city's other keys. Its name is the log's
 * origin, for ever.
 */
export async function logSigner(settings: Settings, folder: KeyFolder): Promise<NoteSigner> {
  const text = await folder.read('log.key', () => `${randomBytes(32).toString('base64url')}\n`);
  const seed = fromBase64url(text.trim());
  if (seed?.length !== 32)
    throw new LogKeyInvalid('key_file_invalid', 'a key file does not hold a key', {
      file: folder.file('log.key'),
    });
  return nodeSigner(settings.city, SignatureType.ed25519, seed);
}

export interface LogOfCity extends LogServices {
  /** The file of the policy for verifiers. */
  readonly policyFile: string;
  /** Whether a sealer refused, here or in another process on the database; not started yet. */
  readonly refusals: RefusalWatch;
  /** Of the end of the store with what was sealed and what the witnesses know; not begun yet. */
  readonly comparison: StoreComparison;
}

/** The parts of the log on a city's database and store; the sealer is not started yet. */
export async function openLogOfCity(
  settings: Settings,
  log: Log,
  parts: {
    readonly pool: pg.Pool;
    readonly databaseUrl: string;
    readonly store: EventStore;
    readonly metrics: Metrics;
    readonly clock: Clock;
  },
  signer: NoteSigner,
  witness: WitnessBeside | null,
  ledgerKeys: SigningKeys,
): Promise<LogOfCity> {
  const policyFile = join(settings.dataDir, 'log-policy');
  const policy =
    settings.logPolicy === undefined
      ? new LogPolicy(ownPolicy(settings, formatKey(signer.key), witness))
      : await toldPolicy(settings.logPolicy, signer);
  await publish(policyFile, policy.octets);
  const statementKeys = new PublishedStatementKeys(
    [...ledgerKeys.keys, ...ledgerKeys.retired],
    signer,
  );
  await publish(join(settings.dataDir, 'statement-keys'), statementKeys.text);
  const storage = new PostgresLogStorage(parts.pool, {
    config: { connectionString: parts.databaseUrl },
    // Beside the records, where these are in the same database.
    ...(settings.eventStoreUrl !== undefined && { store: parts.store }),
  });
  const { leaves } = storage;
  const memory = new TileMemory();
  const { metrics } = parts;
  const cosigned = new Map<string, number>();
  const sealed = {
    store: parts.store,
    storage,
    leaves,
    signer,
    policy: policy.policy,
    witnesses: witnessesOf(policy, monitoringOf(settings, policy)).map(
      (one) => new MeasuredWitness(one, metrics, cosigned),
    ),
    hash: nodeSha256,
    verify: nodeVerify,
  };
  const comparison = new StoreComparison({
    ...sealed,
    report: (problem) => {
      log.warn(unexpected(problem), 'store_not_compared');
    },
  });
  const sealer = new Sealer({
    ...sealed,
    memory,
    around: async (records, step) => {
      const end = metrics.sealSteps.startTimer();
      await inSpan('seal', { 'mianzheng.records': records }, step);
      end();
      metrics.sealedRecords.inc(records);
    },
    report: (problem) => {
      metrics.sealerInterruptions.inc({ code: problem.code });
      if (problem.family === 'internal') log.fatal(unexpected(problem), 'sealing_refused');
      else log.warn(unexpected(problem), 'sealing_interrupted');
    },
  });
  const receipts = new LogReceipts({ storage, leaves, signer, hash: nodeSha256, sealer, memory });
  const reading = new TileReading(storage, leaves, nodeSha256, memory);
  const refusals = new RefusalWatch(storage);
  watchLog(metrics, {
    store: parts.store,
    storage,
    sealer,
    refusals,
    policy: policy.policy,
    clock: parts.clock,
    leaves,
    dense: settings.eventStoreUrl === undefined,
    cosigned,
  });
  return {
    sealer,
    receipts,
    storage,
    reading,
    leaves,
    policy,
    statementKeys,
    signer,
    policyReceipts: new PolicyReceipts(receipts, policy),
    policyFile,
    refusals,
    comparison,
  };
}

/** The operator's policy. @throws SettingInvalid */
async function toldPolicy(file: string, signer: NoteSigner): Promise<LogPolicy> {
  const wrong = (must: string, cause?: unknown) =>
    SettingInvalid.mustBe('LOG_POLICY', must, { cause });
  const octets = await readFile(file).catch((error: unknown) => {
    throw wrong('a file that this program can read', error);
  });
  let policy: LogPolicy;
  try {
    policy = new LogPolicy(octets);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw wrong(`a file with the policy of a log: ${error.message}`, error);
  }
  const [own] = policy.policy.logs;
  if (own === undefined || formatKey(own.key) !== formatKey(signer.key))
    throw wrong(`a policy that begins with this log, ${formatKey(signer.key)}`);
  return policy;
}

/** @throws SettingInvalid where it names no witness of the policy */
function monitoringOf(
  { witnessMonitoring }: Settings,
  { policy }: LogPolicy,
): ReadonlyMap<string, string> {
  for (const name of witnessMonitoring.keys())
    if (!policy.witnesses.some((witness) => witness.name === name))
      throw SettingInvalid.mustBe(
        'WITNESS_MONITORING',
        'name=URL, once for each witness of the policy whose monitoring prefix is not its URL there',
      );
  return witnessMonitoring;
}

/**
 * The policy of a city that names at most one witness, its own for trials. @param key the log's
 * verifier key
 */
export function ownPolicy(
  { publicUrl }: Settings,
  key: string,
  witness: Pick<WitnessBeside, 'key' | 'url'> | null,
): string {
  const lines = [`log ${key} ${publicUrl}/log/`];
  if (witness === null) lines.push('quorum none');
  else lines.push(`witness beside ${witness.key} ${witness.url}`, 'quorum beside');
  return `${lines.join('\n')}\n`;
}
