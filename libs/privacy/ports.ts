import type { CommandContext } from '#libs/event-store';
import type { IdentifierKind } from './privacy.events.js';

/** A number of a person or an organisation as somebody gave it. It travels in bodies and in memory only. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly number: string;
}

/**
 * Finds the subject of a number by HMAC(pepper, kind ‖ number), or makes a provisional one: key, look-up row, then event, in that order,
 * so that a rest without an event can be resumed. Two calls at once for one unknown number answer with one subject.
 * @throws IdentifierInvalid where a resident id number or a credit code has a wrong check
 */
export abstract class SubjectDirectory {
  /** Takes the same road, with as many durable writes, whether or not the number was known. */
  abstract resolve(context: CommandContext, kind: IdentifierKind, number: string): Promise<string>;
  /**
   * The subject that `resolve` will answer with under this context, without making it: what may be refused is refused before anybody new
   * is noted. Two contexts that ask for one unknown number at once foresee two subjects. @throws IdentifierInvalid
   */
  abstract foresee(context: CommandContext, kind: IdentifierKind, number: string): Promise<string>;
  /** Several at once, in order; for imports, whose caller knows the people anyway: numbers that are known cost one reading. */
  abstract resolveMany(
    context: CommandContext,
    identifiers: readonly Identifier[],
  ): Promise<readonly string[]>;
  /** The subject of a number that is known, and nothing else: makes none. @throws IdentifierInvalid */
  abstract find(kind: IdentifierKind, number: string): Promise<string | null>;
}

/**
 * Keys of subjects, in a schema of their own, wrapped under the master key. A destroyed key is gone: what was sealed under it cannot be
 * opened again by anybody, and no second key is ever made for that subject.
 */
export abstract class Vault {
  /**
   * A256KW (RFC 3394) of a 256-bit key under the subject's key; base64url. Makes the subject's key where there is none yet.
   * @throws SubjectKeyAbsent where the subject's key was destroyed
   */
  abstract wrap(subject: string, key: Uint8Array): Promise<string>;
  /** @throws SubjectKeyAbsent where the subject has no key or it was destroyed; SealBroken where the wrap is not of this key */
  abstract unwrap(subject: string, wrapped: string): Promise<Uint8Array>;
  /** `wrap` for each item, in order; adapters answer a page in few statements. Fails whole. */
  wrapMany(
    items: readonly { readonly subject: string; readonly key: Uint8Array }[],
  ): Promise<readonly string[]> {
    return Promise.all(items.map(({ subject, key }) => this.wrap(subject, key)));
  }
  /** `unwrap` for each item, in order; adapters answer a page in few statements. Fails whole. */
  unwrapMany(
    items: readonly { readonly subject: string; readonly wrapped: string }[],
  ): Promise<readonly Uint8Array[]> {
    return Promise.all(items.map(({ subject, wrapped }) => this.unwrap(subject, wrapped)));
  }
  /** Destroys the subject's key, for every process at once and for good. Nothing happens where it was destroyed before. */
  abstract destroy(subject: string): Promise<void>;
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
  /** The same bytes under the same id again change nothing. @throws BlobTooLarge, BlobIdTaken where other bytes stand under the id */
  abstract put(id: string, sealed: Uint8Array): Promise<void>;
  abstract get(id: string): Promise<Uint8Array | null>;
  /**
   * Says which subjects' data these files are: a file goes with the last of them that is erased. Called before the event that names the
   * files; said of a file again, it adds to what was said before.
   */
  abstract belong(ids: readonly string[], subjects: readonly string[]): Promise<void>;
}
