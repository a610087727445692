import { isObject, type JsonObject, parseJson, UnavailableError } from '#libs/kernel';
import { type PublicKey, readPublicKey } from '../jwk.js';

/** Public keys of the issuer of access tokens, by key id. */
export abstract class JwksSource {
  /** null where the issuer has no such key. @throws IssuerUnreachable */
  abstract find(kid: string): Promise<PublicKey | null>;
}

export class IssuerUnreachable extends UnavailableError<'issuer_unreachable'> {}

/** The keys of an issuer in this process. */
export class LocalJwks extends JwksSource {
  readonly #keys: ReadonlyMap<string, PublicKey>;

  constructor(jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }) {
    super();
    this.#keys = byKid(jwks.keys);
  }

  find(kid: string): Promise<PublicKey | null> {
    return Promise.resolve(this.#keys.get(kid) ?? null);
  }
}

const freshForMs = 300_000;
/** An unknown kid makes us look again, but not more often than this. */
const pauseMs = 10_000;
const timeoutMs = 5_000;
const maxJwksBytes = 262_144;

/**
 * The keys of an issuer elsewhere, at the place that its discovery document names (OpenID Connect
 * Discovery 1.0, section 4). Kept for five minutes, and longer while the issuer is away; a key id
 * that is not among them is looked for once more.
 */
export class RemoteJwks extends JwksSource {
  #keys: ReadonlyMap<string, PublicKey> | null = null;
  #readAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  /** @param monotonic milliseconds of a clock that only goes forward */
  constructor(
    private readonly issuer: string,
    private readonly monotonic = () => performance.now(),
  ) {
    super();
  }

  async find(kid: string): Promise<PublicKey | null> {
    const now = this.monotonic();
    const known = this.#keys?.get(kid);
    const due = known === undefined || now - this.#readAt > freshForMs;
    if (due && this.#reading === null && now - this.#triedAt > pauseMs) {
      this.#triedAt = now;
      this.#reading = this.#read()
        .catch(() => undefined) // the last known keys stay
        .finally(() => {
          this.#reading = null;
        });
    }
    if (known !== undefined) return known; // known keys do not wait for an issuer that may be
    // unreachable
    await this.#reading;
    if (this.#keys === null)
      throw new IssuerUnreachable(
        'issuer_unreachable',
        'the issuer of access tokens cannot be asked for its keys',
        {},
        { retryAfterSeconds: pauseMs / 1000 },
      );
    return this.#keys.get(kid) ?? null;
  }

  async #read(): Promise<void> {
    const discovery = await getJson(`${this.issuer}/.well-known/openid-configuration`);
    const uri = discovery['jwks_uri'];
    if (discovery['issuer'] !== this.issuer || typeof uri !== 'string')
      throw new IssuerUnreachable('issuer_unreachable', 'the discovery document is of another');
    const { keys } = await getJson(uri);
    if (!Array.isArray(keys))
      throw new IssuerUnreachable('issuer_unreachable', 'the issuer answers no key set');
    this.#keys = byKid(keys.filter((key) => isObject(key)));
    this.#readAt = this.monotonic();
  }
}

async function getJson(url: string): Promise<JsonObject> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  const value = response.ok && text.length <= maxJwksBytes ? parseJson(text) : null;
  if (!isObject(value))
    throw new IssuerUnreachable('issuer_unreachable', 'the issuer did not answer with JSON', {
      status: response.status,
    });
  return value;
}

/**
 * Keys of kinds that we do not take are left out: an issuer may have others for others.
 * @throws IssuerUnreachable where two keys have one name: which of them is meant cannot be known
 * (RFC 7517, section 4.5)
 */
function byKid(keys: readonly Readonly<Record<string, unknown>>[]): Map<string, PublicKey> {
  const known = new Map<string, PublicKey>();
  for (const jwk of keys) {
    const { kid } = jwk;
    const key = typeof kid === 'string' ? taken(jwk) : null;
    if (typeof kid !== 'string' || key === null) continue;
    const other = known.get(kid);
    if (other !== undefined && other.jkt !== key.jkt)
      throw new IssuerUnreachable('issuer_unreachable', 'the issuer gives two keys one name');
    known.set(kid, key);
  }
  return known;
}

function taken(jwk: Readonly<Record<string, unknown>>): PublicKey | null {
  try {
    return readPublicKey(jwk);
  } catch {
    return null;
  }
}
