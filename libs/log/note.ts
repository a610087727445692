import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromHex, hex, InvalidError, utf8Bytes, utf8Text } from '#libs/kernel';
import { base64, fromBase64 } from './base64.js';
import { isEd25519Key, verifyEd25519, type VerifyEd25519 } from './ed25519.js';
import { sameBytes } from './merkle.js';

/** C2SP signed-note: a text with signatures of named keys below it. */
export class NoteError extends InvalidError<
  'note_malformed' | 'note_too_large' | 'key_malformed' | 'signature_wrong' | 'signature_missing'
> {}

/** Signature types of signed-note that this log uses. */
export const SignatureType = { ed25519: 0x01, cosignature: 0x04 } as const;
type SignatureType = (typeof SignatureType)[keyof typeof SignatureType];

/**
 * A key by which notes are verified. `id` is the key id of signed-note, 4 bytes; `publicKey` 32
 * bytes of Ed25519 (RFC 8032).
 */
export interface VerifierKey {
  readonly name: string;
  readonly type: SignatureType;
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A private key that signs notes. `sign` gives the 64 bytes of Ed25519 over the message. */
export interface NoteSigner {
  readonly key: VerifierKey;
  sign(message: Uint8Array): Uint8Array;
}

/** One signature line as it stands there, verified or not. */
export interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** signed-note: at least 16 signatures of nearly 5 kB must be accepted, and a text. */
export const maxNoteBytes = 256 * 1024;
const maxSignatures = 64;

/** signed-note: SHA-256(name ‖ 0x0A ‖ type ‖ public key), the first 4 bytes. @throws NoteError */
export function verifierKey(name: string, type: SignatureType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name) || !isEd25519Key(publicKey)) throw badKey();
  const id = sha256(new Uint8Array([...utf8Bytes(name), 0x0a, type, ...publicKey])).slice(0, 4);
  return { name, type, id, publicKey };
}

/** `<name>+<key id>+<base64(type ‖ public key)>` */
export const formatKey = ({ name, type, id, publicKey }: VerifierKey): string =>
  `${name}+${hex(id)}+${base64(new Uint8Array([type, ...publicKey]))}`;

/** Reads what `formatKey` writes; the key id must be that of the key. @throws NoteError */
export function parseKey(text: string): VerifierKey {
  const [, name = '', id = '', material = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = fromBase64(material);
  const type = bytes?.[0];
  if (
    bytes?.length !== 33 ||
    (type !== SignatureType.ed25519 && type !== SignatureType.cosignature)
  )
    throw badKey();
  const key = verifierKey(name, type, bytes.slice(1));
  if (!sameBytes(key.id, fromHex(id) ?? new Uint8Array())) throw badKey();
  return key;
}

const badKey = () => new NoteError('key_malformed', 'this is no verifier key of signed-note');

/**
 * signed-note: not empty, no Unicode space (the property White_Space, of which U+FEFF is none), no
 * plus; and no control character below U+0020, which could not stand in a note.
 */
export const isKeyName = (name: string): boolean =>
  name.isWellFormed() && /^[^\p{White_Space}\0-\x1f+]+$/u.test(name);

export const formatSignature = ({ name, id, signature }: NoteSignature): string =>
  `— ${name} ${base64(new Uint8Array([...id, ...signature]))}\n`;

/** @param text ends in a newline */
export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(formatSignature).join('')}`;

/**
 * Reads a note without verifying anything: the text must be ignored until a signature was verified.
 * @throws NoteError on bytes that are no note, or larger than 256 KiB or 64 signatures
 */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > maxNoteBytes)
    throw new NoteError('note_too_large', 'the note has more than 256 KiB');
  const note = strictText(bytes);
  const cut = note.lastIndexOf('\n\n');
  // signed-note: no control characters but the newline.
  if (cut < 0 || !note.endsWith('\n') || /[\0-\x09\x0b-\x1f]/.test(note)) throw malformed();
  const lines = note.slice(cut + 2, -1).split('\n');
  if (lines.length > maxSignatures)
    throw new NoteError('note_too_large', 'the note has more than 64 signatures');
  return { text: note.slice(0, cut + 1), signatures: lines.map(parseSignature) };
}

/** One signature line without its newline. @throws NoteError */
export function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes === null || bytes.length < 5) throw malformed();
  return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/**
 * UTF-8 without a byte order mark: such a mark comes from a program that writes files, and not from
 * a signer.
 */
function strictText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = utf8Text(bytes);
  } catch (cause) {
    throw malformed(cause);
  }
  if (text.startsWith('\uFEFF')) throw malformed();
  return text;
}

const malformed = (cause?: unknown) =>
  new NoteError('note_malformed', 'the bytes are no signed note', {}, { cause });

export const isOf = (key: VerifierKey, signature: NoteSignature): boolean =>
  signature.name === key.name && sameBytes(signature.id, key.id);

/** The signature line of a plain Ed25519 note (signed-note, type 0x01). */
export const signNote = (text: string, signer: NoteSigner): NoteSignature => ({
  name: signer.key.name,
  id: signer.key.id,
  signature: signer.sign(utf8Bytes(text)),
});

/**
 * signed-note: there must be a signature of the key, and every line that carries its name and id
 * must verify.
 * @param key of type 0x01
 * @throws NoteError
 */
export function verifyNote(
  note: Note,
  key: VerifierKey,
  verify: VerifyEd25519 = verifyEd25519,
): void {
  const mine = note.signatures.filter((signature) => isOf(key, signature));
  if (mine.length === 0 || key.type !== SignatureType.ed25519)
    throw new NoteError('signature_missing', 'the key did not sign this note', { key: key.name });
  const message = utf8Bytes(note.text);
  for (const { signature } of mine)
    if (!verify(signature, message, key.publicKey))
      throw new NoteError('signature_wrong', 'a signature in the key’s name is not the key’s', {
        key: key.name,
      });
}

/** A signer from the 32 bytes of an Ed25519 private key, for browsers, tests and small programs. */
export function seedSigner(name: string, type: SignatureType, seed: Uint8Array): NoteSigner {
  return {
    key: verifierKey(name, type, ed25519.getPublicKey(seed)),
    sign: (message) => ed25519.sign(message, seed),
  };
}
