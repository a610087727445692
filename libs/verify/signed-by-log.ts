import { isOf, type Note, type VerifierKey, type VerifyEd25519, verifyNote } from '#libs/log';

/**
 * That a log signed a note. A policy may give a log several keys, old and new: one signature is
 * enough, and each line that carries the name and id of one of them must verify (tlog-policy,
 * signed-note).
 * @param keys of the log, type 0x01; at least one
 * @throws NoteError
 */
export function verifySignedByLog(
  note: Note,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519,
): void {
  const signed = keys.filter((key) => note.signatures.some((line) => isOf(key, line)));
  // Where no key signed, the first one's error is thrown.
  for (const key of signed.length > 0 ? signed : keys.slice(0, 1)) verifyNote(note, key, verify);
}
