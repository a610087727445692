import { base64url, fromBase64url } from '#libs/kernel';

/** RFC 4648, section 4, with padding: the base64 of signed notes, checkpoints and proofs. */
export function base64(bytes: Uint8Array): string {
  const text = base64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/**
 * Strict: `null` unless the text is exactly what `base64` writes for some bytes, so that one value
 * has one text.
 */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || /[-_]/.test(text)) return null;
  const letters = text.replace(/={1,2}$/, '');
  const bytes = fromBase64url(letters.replaceAll('+', '-').replaceAll('/', '_'));
  return bytes !== null && (4 - (letters.length % 4)) % 4 === text.length - letters.length
    ? bytes
    : null;
}
