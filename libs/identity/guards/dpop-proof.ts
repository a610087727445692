import { hash } from 'node:crypto';
import { epochSeconds, type Instant } from '#libs/kernel';
import { JwsRefused, readCompactJws } from '../jws.js';
import { CallerNotProved } from './refusals.js';
import { targetUri } from './target-uri.js';

/** The request that a proof must have been made for. */
export interface ProvedRequest {
  readonly method: string;
  /** Without query and fragment, as clients see it. */
  readonly url: string;
  readonly now: Instant;
  /** The access token that came with it; null for phones, which have none. */
  readonly accessToken: string | null;
  /**
   * The body's bytes; null while they are not read, so that the proof is not compared with them.
   */
  readonly body: Uint8Array | null;
  /** Whether a body must be covered by the proof: a phone's proof is all that speaks for it. */
  readonly bodyMustBeProved: boolean;
}

/**
 * A proof that fits its request. `use` is what must be used once, and `useEnds` when it cannot be
 * accepted any more.
 */
export interface DpopProof {
  readonly jkt: string;
  readonly use: string;
  readonly useEnds: Instant;
}

/** Seconds by which a proof's `iat` may differ from now. */
const proofWindowSeconds = 60;

/**
 * Checks a DPoP proof against its request (RFC 9449, section 4.3), except for its single use. `bh`
 * (base64url SHA-256 of the body's bytes) is a claim of this ledger: where it is present it must
 * match.
 * @throws CallerNotProved
 */
export function checkDpopProof(proof: string | undefined, request: ProvedRequest): DpopProof {
  if (proof === undefined || proof === '')
    throw new CallerNotProved('proof_missing', 'the request carries no DPoP proof');
  const { payload, key } = readProof(proof);
  const { htm, htu, iat, jti, ath, bh } = payload;
  if (typeof jti !== 'string' || jti.length < 16 || jti.length > 256 || typeof iat !== 'number')
    throw new CallerNotProved('proof_malformed', 'a proof has a jti of 16 to 256 letters, and iat');
  if (htm !== request.method)
    throw new CallerNotProved('proof_method_wrong', 'the proof is for another method');
  if (typeof htu !== 'string' || !sameUrl(htu, request.url))
    throw new CallerNotProved('proof_url_wrong', 'the proof is for another URL');
  if (!(Math.abs(epochSeconds(request.now) - iat) <= proofWindowSeconds))
    throw new CallerNotProved(
      'proof_stale',
      'the time of the proof is outside the allowed range',
      { windowSeconds: proofWindowSeconds },
      { hint: "Compare the device's clock with the Date header of this answer." },
    );
  if (request.accessToken !== null && ath !== sha256(request.accessToken))
    throw new CallerNotProved('proof_token_wrong', 'the proof is for another access token');
  checkBody(bh, request);
  return {
    jkt: key.jkt,
    use: `${key.jkt}\0${jti}`,
    useEnds: new Date((iat + proofWindowSeconds + 1) * 1000).toISOString(),
  };
}

function readProof(proof: string) {
  try {
    return readCompactJws(proof, {
      typ: 'dpop+jwt',
      algorithms: ['EdDSA', 'Ed25519', 'ES256'],
      embeddedKey: true,
    });
  } catch (cause) {
    if (cause instanceof JwsRefused && cause.code === 'jws_signature_wrong')
      throw new CallerNotProved(
        'proof_signature_wrong',
        'the proof is not signed by its key',
        {},
        { cause },
      );
    throw new CallerNotProved(
      'proof_malformed',
      'the DPoP header is not a proof as RFC 9449 has it',
      cause instanceof JwsRefused ? { reason: cause.code } : {},
      { cause },
    );
  }
}

function checkBody(bh: unknown, { body, bodyMustBeProved }: ProvedRequest): void {
  if (body === null) return;
  if (bh === undefined && (body.length === 0 || !bodyMustBeProved)) return;
  if (bh !== sha256(body))
    throw new CallerNotProved('proof_body_wrong', 'the proof is for another body');
}

/** RFC 9449, section 4.3, step 9: equal after normalisation, without query and fragment. */
function sameUrl(claimed: string, url: string): boolean {
  const target = targetUri(claimed);
  return target !== null && target === targetUri(url);
}

const sha256 = (data: string | Uint8Array): string =>
  hash('sha256', data, 'buffer').toString('base64url');
