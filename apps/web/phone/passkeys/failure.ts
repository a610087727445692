/**
 * Why a passkey came to nothing. Browsers say little on purpose: cancelled, timed out and no
 * passkey are one error.
 */
export type PasskeyWhy = 'refused' | 'elsewhere' | 'there';

export class PasskeyFailed extends Error {
  readonly code: `passkey_${PasskeyWhy}`;

  constructor(readonly why: PasskeyWhy) {
    super(why);
    this.code = `passkey_${why}`;
  }
}

const known: Readonly<Record<string, PasskeyWhy>> = {
  NotAllowedError: 'refused',
  AbortError: 'refused',
  InvalidStateError: 'there',
  SecurityError: 'elsewhere',
  NotSupportedError: 'elsewhere',
  ConstraintError: 'elsewhere',
  UnknownError: 'elsewhere',
};

/** What the browser threw, as the page tells it; what is no passkey's fault stays as it is. */
export function passkeyFailure(thrown: unknown): unknown {
  const why = thrown instanceof Error ? known[thrown.name] : undefined;
  return why === undefined ? thrown : new PasskeyFailed(why);
}

/** Why this browser makes no passkey here; null where it does. */
export async function noPasskeyHere(): Promise<'address' | 'unsupported' | null> {
  // A passkey belongs to a name (Web Authentication Level 3, section 5.1.3).
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'address';
  const { PublicKeyCredential: found } = globalThis as {
    readonly PublicKeyCredential?: typeof PublicKeyCredential;
  };
  const there = await found?.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
  return there === true ? null : 'unsupported';
}
