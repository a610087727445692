import { isCreditCode, RefusedError, utf8Bytes } from '#libs/kernel';
import {
  base64,
  fromBase64,
  maxNoteBytes,
  type Note,
  type NoteSigner,
  parseNote,
  signNote,
  verifyEd25519,
} from '#libs/log';
import { keysOfLog, type Policy } from './policy.js';
import type { Means } from './receipt.js';
import { verifySignedByLog } from './signed-by-log.js';
import { thumbprintOf } from './signing-key.js';

/** The note does not show by which keys authorities sign. */
export class AuthorityKeysRefused extends RefusedError<
  'authority_keys_malformed' | 'authority_keys_of_other_log' | 'authority_keys_too_many'
> {}

/**
 * A key of an issuing authority, and the leaves of the log from which on, and before which,
 * certificates by it were accepted: from the record that registered it, or enabled its client, to
 * the one that retired it, or disabled its client.
 */
export interface AuthorityKey {
  /** Unified social credit code. */
  readonly authority: string;
  /** RFC 7638 thumbprint: the fingerprint that the authority itself publishes. */
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  /** Ed25519: 32 bytes (RFC 8032); P-256: x ‖ y, 64 bytes. */
  readonly publicKey: Uint8Array;
  readonly from: number;
  /** Null while it is valid. */
  readonly until: number | null;
}

/**
 * The keys of all authorities that the first `size` leaves of a log tell of, vouched for by the
 * log.
 */
export interface AuthorityKeys {
  readonly origin: string;
  readonly size: number;
  readonly keys: readonly AuthorityKey[];
}

// Holds spaces, as no origin does: it can never be read as a checkpoint.
const firstLine = 'mianzheng authority keys v1';

const textOf = ({ origin, size, keys }: AuthorityKeys): string =>
  [
    firstLine,
    origin,
    String(size),
    ...keys.map(({ authority, kid, alg, publicKey, from, until }) =>
      [authority, kid, alg, base64(publicKey), from, until ?? '-'].join(' '),
    ),
    '',
  ].join('\n');

/**
 * A signed note: the line above, the origin, the size, and for each key and time of it the credit
 * code, the thumbprint, the algorithm, the base64 of the key, the first leaf and the leaf that
 * ended it, or `-`; ascending by first leaf, then by credit code and thumbprint.
 * @param signer the log's own (type 0x01, its name the origin)
 * @throws AuthorityKeysRefused where the keys cannot be written so
 */
export function signAuthorityKeys(
  { size, keys }: Omit<AuthorityKeys, 'origin'>,
  signer: NoteSigner,
): Note {
  const published = { origin: signer.key.name, size, keys: keys.toSorted(inOrder) };
  if (!fits(published)) throw malformed();
  const text = textOf(published);
  // Room for the signature line is left.
  if (utf8Bytes(text).length > maxNoteBytes - 1024)
    throw new AuthorityKeysRefused('authority_keys_too_many', 'no note can hold so many keys', {
      keys: keys.length,
    });
  return { text, signatures: [signNote(text, signer)] };
}

/**
 * Reads what `signAuthorityKeys` wrote, and whether a log of the policy signed it.
 * @throws AuthorityKeysRefused, NoteError; nothing else, whatever the bytes
 */
export function openAuthorityKeys(
  bytes: Uint8Array,
  policy: Policy,
  { verify = verifyEd25519 }: Means = {},
): AuthorityKeys {
  const note = parseNote(bytes);
  const [, origin = '', size = '', ...lines] = note.text.slice(0, -1).split('\n');
  const published = { origin, size: count(size), keys: lines.map(readLine) };
  if (!fits(published) || textOf(published) !== note.text) throw malformed();
  const trusted = keysOfLog(policy, origin);
  if (trusted.length === 0)
    throw new AuthorityKeysRefused(
      'authority_keys_of_other_log',
      'the policy does not name this log',
      { origin },
    );
  verifySignedByLog(note, trusted, verify);
  return published;
}

function readLine(line: string): AuthorityKey {
  const [authority = '', kid = '', alg = '', key = '', from = '', until = ''] = line.split(' ');
  return {
    authority,
    kid,
    alg: alg === 'ES256' ? alg : 'EdDSA',
    publicKey: fromBase64(key) ?? new Uint8Array(),
    from: count(from),
    until: until === '-' ? null : count(until),
  };
}

/** −1 where it is no count. */
const count = (text: string): number => (/^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : -1);

function fits({ origin, size, keys }: AuthorityKeys): boolean {
  if (origin === '' || !Number.isSafeInteger(size) || size < 0) return false;
  return keys.every((key, n) => {
    const before = keys[n - 1];
    const { authority, kid, from, until } = key;
    return (
      isCreditCode(authority) &&
      isThumbprint(kid, key) &&
      from >= 0 &&
      from < size &&
      (until === null || (until > from && until < size)) &&
      (before === undefined || inOrder(before, key) < 0)
    );
  });
}

const inOrder = (a: AuthorityKey, b: AuthorityKey): number =>
  a.from - b.from || compare(a.authority, b.authority) || compare(a.kid, b.kid);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a thumbprint is the key's, so that comparing thumbprints compares keys. */
const isThumbprint = (kid: string, key: AuthorityKey): boolean =>
  key.publicKey.length === (key.alg === 'EdDSA' ? 32 : 64) && kid === thumbprintOf(key);

const malformed = () =>
  new AuthorityKeysRefused('authority_keys_malformed', 'the note holds no keys of authorities');
