import { Unreachable } from '#libs/kernel';
import type { GrantProof } from './consent.events.js';

/** The phone's or passkey's key that gave a grant: revoking it ends the grant. */
export function grantKeyOf(proof: GrantProof): string | null {
  switch (proof.method) {
    case 'jws':
    case 'webauthn':
      return proof.jkt;
    case 'face':
    case 'in-person':
      return null;
    default:
      throw new Unreachable(proof);
  }
}

export interface Assurance {
  /** How the holder was authenticated: RFC 8176 where it has a value. */
  readonly amr: readonly string[];
  /** The rules of the authentication: defined in docs/verification.md. */
  readonly acr: string;
}

/**
 * `amr` and `acr` of a consent token. Keys have no attestation, so that none counts as secured by
 * hardware (`hwk`).
 */
export function assuranceOf({ method }: Pick<GrantProof, 'method'>): Assurance {
  switch (method) {
    case 'jws':
      return { amr: ['swk'], acr: 'urn:mianzheng:acr:enrolled-phone' };
    case 'webauthn':
      return { amr: ['swk', 'user'], acr: 'urn:mianzheng:acr:enrolled-passkey' };
    case 'face':
      return { amr: ['face'], acr: 'urn:mianzheng:acr:face-at-terminal' };
    case 'in-person':
      return { amr: ['in-person'], acr: 'urn:mianzheng:acr:two-operators' };
    default:
      throw new Unreachable(method);
  }
}
