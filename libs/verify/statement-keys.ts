import { RefusedError } from '#libs/kernel';
import {
  base64,
  fromBase64,
  type Note,
  type NoteSigner,
  parseNote,
  signNote,
  verifyEd25519,
} from '#libs/log';
import { keysOfLog, type Policy } from './policy.js';
import type { Means } from './receipt.js';
import { verifySignedByLog } from './signed-by-log.js';

/** The note does not show by which keys a ledger signs statements. */
export class StatementKeysRefused extends RefusedError<
  'statement_keys_malformed' | 'statement_keys_of_other_log'
> {}

/**
 * A key by which the ledger signs exemption statements: Ed25519, 32 bytes (RFC 8032). `kid` is
 * visible ASCII.
 */
export interface StatementKey {
  readonly kid: string;
  readonly publicKey: Uint8Array;
}

/**
 * The keys of a ledger, certified by its log, so that a verifier needs to trust only the log's key.
 */
export interface StatementKeys {
  readonly origin: string;
  readonly keys: readonly StatementKey[];
}

// Holds spaces, as no origin does: it can never be read as a checkpoint.
const firstLine = 'mianzheng statement keys v1';
const maxKeys = 64;

const textOf = ({ origin, keys }: StatementKeys): string =>
  [firstLine, origin, ...keys.map(({ kid, publicKey }) => `${kid} ${base64(publicKey)}`), ''].join(
    '\n',
  );

const fits = ({ origin, keys }: StatementKeys): boolean =>
  origin !== '' &&
  keys.length > 0 &&
  keys.length <= maxKeys &&
  new Set(keys.map(({ kid }) => kid)).size === keys.length &&
  keys.every(({ kid, publicKey }) => /^[\x21-\x7e]{1,128}$/.test(kid) && publicKey.length === 32);

/**
 * A signed note: the line above, the origin, and for each key its `kid`, a space and the base64 of
 * its 32 bytes.
 * @param signer the log's own (type 0x01, its name the origin)
 * @throws StatementKeysRefused where the keys cannot be written so
 */
export function signStatementKeys(keys: readonly StatementKey[], signer: NoteSigner): Note {
  const published = { origin: signer.key.name, keys };
  if (!fits(published)) throw malformed();
  const text = textOf(published);
  return { text, signatures: [signNote(text, signer)] };
}

/**
 * Reads what `signStatementKeys` wrote, and whether a log of the policy signed it.
 * @throws StatementKeysRefused, NoteError; nothing else, whatever the bytes
 */
export function openStatementKeys(
  bytes: Uint8Array,
  policy: Policy,
  { verify = verifyEd25519 }: Means = {},
): StatementKeys {
  const note = parseNote(bytes);
  const [, origin = '', ...lines] = note.text.slice(0, -1).split('\n');
  const keys = lines.map((line): StatementKey => {
    const [kid = '', key = ''] = line.split(' ');
    return { kid, publicKey: fromBase64(key) ?? new Uint8Array() };
  });
  const published = { origin, keys };
  if (!fits(published) || textOf(published) !== note.text) throw malformed();
  const trusted = keysOfLog(policy, origin);
  if (trusted.length === 0)
    throw new StatementKeysRefused(
      'statement_keys_of_other_log',
      'the policy does not name this log',
      { origin },
    );
  verifySignedByLog(note, trusted, verify);
  return published;
}

const malformed = () =>
  new StatementKeysRefused('statement_keys_malformed', 'the note holds no keys of statements');
