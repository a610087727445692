import type { CommandContext } from '#libs/event-store';
import type { IdentifierKind } from './privacy.events.js';

/**
 * Finds the subject of a number by HMAC(pepper, kind ‖ number), or makes a provisional one: key, look-up row, then event, in that order,
 * so that a rest without an event can be resumed. Takes the same time and the same road whether or not the number was known.
 * @throws IdentifierInvalid where a resident id number or a credit code has a wrong check
 */
export abstract class SubjectDirectory {
  abstract resolve(context: CommandContext, kind: IdentifierKind, number: string): Promise<string>;
  /** Several at once, in order; for imports. */
  abstract resolveMany(
    context: CommandContext,
    identifiers: readonly { kind: IdentifierKind; number: string }[],
  ): Promise<readonly string[]>;
}

/**
 * Keys of subjects, in a schema of their own, wrapped under the master key. A destroyed key is gone: what was sealed under it cannot be
 * opened again by anybody.
 */
export abstract class Vault {
  /** A256KW (RFC 3394) of a 256-bit key under the subject's key; base64url. Makes the subject's key where there is none yet. */
  abstract wrap(subject: string, key: Uint8Array): Promise<string>;
  /** @throws SubjectKeyAbsent where the subject's key was destroyed; SealBroken where the wrap is not of this key */
  abstract unwrap(subject: string, wrapped: string): Promise<Uint8Array>;
}

/** Subject ids as they leave: one per department, so that two departments cannot join what they know. 22 letters of base64url. */
export abstract class Pairwise {
  abstract of(department: string, subject: string): string;
}

/**
 * Files (OFD, PDF, portrait) of at most 10 MB, sealed, outside the records. `id` is random; the digest of the plaintext stands in the
 * signed part of a certificate.
 */
export abstract class Blobs {
  abstract put(id: string, sealed: Uint8Array): Promise<void>;
  abstract get(id: string): Promise<Uint8Array | null>;
}
