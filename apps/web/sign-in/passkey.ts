import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { RequestFailed, type Trouble, troubleOf } from '../shared/trouble.ts';
import { SignInFailed } from './interaction.ts';

/** Why this browser makes no passkeys here; null where it does. */
export function obstacle(): 'insecure' | 'address' | 'unsupported' | null {
  if (!isSecureContext) return 'insecure';
  // A passkey belongs to a name (Web Authentication Level 3, section 5.1.3).
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'address';
  return browserSupportsWebAuthn() ? null : 'unsupported';
}

/** What went wrong while a passkey was made or proved, as the page shows it. */
export type Failure =
  | { readonly is: 'passkey'; readonly why: 'refused' | 'elsewhere' }
  | { readonly is: 'trouble'; readonly trouble: Trouble };

/** Browsers say little on purpose: cancelled, timed out and no passkey are one error. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof SignInFailed || thrown instanceof RequestFailed)
    return { is: 'trouble', trouble: thrown.trouble };
  const { name } = thrown instanceof Error ? thrown : { name: '' };
  if (name === 'NotAllowedError' || name === 'AbortError') return { is: 'passkey', why: 'refused' };
  if (name === 'SecurityError' || name === 'InvalidStateError' || name === 'NotSupportedError')
    return { is: 'passkey', why: 'elsewhere' };
  return { is: 'trouble', trouble: troubleOf(thrown) };
}
