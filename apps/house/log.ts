import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64url, InvalidError } from '#libs/kernel';
import { formatKey, type NoteSigner, SignatureType } from '#libs/log';
import { type Log, secretFile, type Settings, unexpected } from '#libs/platform';
import { nodeSha256, nodeSigner, nodeVerify } from '#libs/sealing';
import {
  LogPolicy,
  type LogServices,
  PostgresLeaves,
  PostgresLogShelf,
  PublishedStatementKeys,
  Receipts,
  RefusalWatch,
  Sealer,
  SealingOffice,
  TileMemory,
  TileReading,
  witnessesOf,
} from '#libs/sealing/sealing.module';
import type { EventStore } from '#libs/event-store';
import type { SigningKeys } from '#libs/identity/identity.module';
import type pg from 'pg';
import type { WitnessBeside } from './witness-beside.js';

/** The log's key file holds no key, or its policy is another log's. */
export class LogSettingInvalid extends InvalidError<'key_file_invalid' | 'log_policy_invalid'> {}

/** The log's signing key, made at the first start like the city's other keys. Its name is the log's origin, for ever. */
export async function logSigner(settings: Settings): Promise<NoteSigner> {
  const file = join(settings.dataDir, 'keys', 'log.key');
  const seed = fromBase64url(
    (await secretFile(file, () => `${randomBytes(32).toString('base64url')}\n`)).trim(),
  );
  if (seed?.length !== 32)
    throw new LogSettingInvalid('key_file_invalid', 'a key file does not hold a key', { file });
  return nodeSigner(settings.city, SignatureType.ed25519, seed);
}

export interface LogOfCity extends LogServices {
  /** Where the policy lies that verifiers are given. */
  readonly policyFile: string;
  /** Whether a sealer refused, here or in another process on the database; not started yet. */
  readonly refusals: RefusalWatch;
}

/** The parts of the log on a city's database and store; the sealer is not started yet. */
export async function openLogOfCity(
  settings: Settings,
  log: Log,
  parts: { readonly pool: pg.Pool; readonly databaseUrl: string; readonly store: EventStore },
  signer: NoteSigner,
  witness: WitnessBeside | null,
  ledgerKeys: SigningKeys,
): Promise<LogOfCity> {
  const policyFile = join(settings.dataDir, 'log-policy');
  const policy = new LogPolicy(await policyText(settings, signer, witness));
  const [own] = policy.policy.logs;
  if (own === undefined || formatKey(own.key) !== formatKey(signer.key))
    throw new LogSettingInvalid('log_policy_invalid', 'the policy does not begin with this log');
  await writeFile(policyFile, policy.text);
  const statementKeys = new PublishedStatementKeys(ledgerKeys.keys, signer);
  await writeFile(join(settings.dataDir, 'statement-keys'), statementKeys.text);
  const shelf = new PostgresLogShelf(parts.pool, { connectionString: parts.databaseUrl });
  const leaves = new PostgresLeaves(parts.pool);
  const memory = new TileMemory();
  const sealer = new Sealer({
    store: parts.store,
    shelf,
    leaves,
    signer,
    policy: policy.policy,
    witnesses: witnessesOf(policy),
    hash: nodeSha256,
    verify: nodeVerify,
    memory,
    report: (problem) => {
      if (problem.family === 'internal') log.fatal(unexpected(problem), 'sealing_refused');
      else log.warn(unexpected(problem), 'sealing_interrupted');
    },
  });
  const receipts = new Receipts({ shelf, leaves, signer, hash: nodeSha256, sealer, memory });
  const reading = new TileReading(shelf, leaves, nodeSha256, memory);
  return {
    sealer,
    receipts,
    reading,
    policy,
    statementKeys,
    office: new SealingOffice(receipts, policy),
    policyFile,
    refusals: new RefusalWatch(shelf),
  };
}

/** A policy of the operator's, or one of this log and, where there is one, the witness beside it. */
async function policyText(
  settings: Settings,
  signer: NoteSigner,
  witness: WitnessBeside | null,
): Promise<string> {
  const given = process.env['LOG_POLICY'];
  if (given !== undefined && given !== '') return readFile(given, 'utf8');
  const lines = [`log ${formatKey(signer.key)} ${settings.publicUrl}/log/`];
  if (witness === null) lines.push('quorum none');
  else lines.push(`witness beside ${witness.key} ${witness.url}`, 'quorum beside');
  return `${lines.join('\n')}\n`;
}
