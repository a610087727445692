import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { type Instant, InvalidError, type JsonObject } from '#libs/kernel';

/** An answer of an authenticator, as browsers write it (`toJSON`). */
export type AuthenticatorAnswer = Readonly<Record<string, unknown>>;

/** The passkey signs by RS256, which a verifier in a page cannot check (ADR 36). */
export class HolderPasskeyInvalid extends InvalidError<'holder_passkey_algorithm_unsupported'> {}

/** A passkey that a phone made, as its record keeps it. */
export interface HolderPasskey {
  /** RFC 7638 thumbprint of the key. */
  readonly jkt: string;
  /** Ed25519 or P-256. */
  readonly jwk: JsonObject;
  /** The id by which the authenticator knows the key, base64url. */
  readonly credential: string;
  readonly rpId: string;
  readonly transports: readonly string[];
  /** Whether it is kept in more places than one device. */
  readonly backedUp: boolean;
}

/**
 * Passkeys that holders make beside the keys of their phones (Web Authentication Level 3). The user
 * must be verified, and a challenge can be answered once.
 */
export abstract class HolderPasskeys {
  /**
   * What a phone's browser needs to make one. @param phone thumbprint of its key; @param there
   * credentials that it has already
   */
  abstract creation(
    phone: string,
    there: readonly string[],
    now: Instant,
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;

  /**
   * @throws PasskeyRefused, OperatorInvalid, HolderPasskeyInvalid, KeyRefused, and the RP ID's own
   *   conflict
   */
  abstract created(
    phone: string,
    answer: AuthenticatorAnswer,
    now: Instant,
  ): Promise<HolderPasskey>;
}
