import { createStore, del, get, set } from 'idb-keyval';
import { type ApiKey, jwkThumbprint } from '#libs/api-client';

/**
 * The key of this browser: P-256, not extractable, so that no script can copy it. It is kept in
 * IndexedDB, which stores the key without its bytes being readable.
 */
const store = createStore('mianzheng', 'keys');

interface Kept {
  readonly pair: CryptoKeyPair;
  /** The client or other id under which the city knows the key; null before it was registered. */
  readonly registered: string | null;
}

/** What this browser is to the city: a terminal, or a holder's phone. One browser can be both. */
export type KeyUse = 'terminal' | 'phone';

export interface BrowserKey {
  readonly key: ApiKey;
  readonly registered: string | null;
}

async function opened({ pair, registered }: Kept): Promise<BrowserKey> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const publicJwk = { kty, crv, x, y } as ApiKey['publicJwk'];
  const jkt = await jwkThumbprint(publicJwk);
  return { key: { alg: 'ES256', privateKey: pair.privateKey, publicJwk, jkt }, registered };
}

/** @returns the key, or null where this browser has none for the use */
export async function findKey(use: KeyUse): Promise<BrowserKey | null> {
  const kept = await get<Kept>(use, store);
  return kept === undefined ? null : opened(kept);
}

/** The key of this browser for the use, made now where there is none. */
export async function findOrMakeKey(use: KeyUse): Promise<BrowserKey> {
  const there = await findKey(use);
  if (there !== null) return there;
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  const kept: Kept = { pair, registered: null };
  await set(use, kept, store);
  return opened(kept);
}

/**
 * Notes that the city knows the key by this id.
 * @param jkt only where it is this key: another page may have made a new one since
 */
export async function keyIsRegistered(use: KeyUse, id: string, jkt?: string): Promise<void> {
  const kept = await get<Kept>(use, store);
  if (kept !== undefined && (jkt === undefined || (await opened(kept)).key.jkt === jkt))
    await set(use, { ...kept, registered: id }, store);
}

/**
 * Destroys the key: this browser is no terminal or phone any more.
 * @param jkt only where it is this key: another page may have made a new one since
 */
export async function forgetKey(use: KeyUse, jkt?: string): Promise<void> {
  if (jkt !== undefined && (await findKey(use))?.key.jkt !== jkt) return;
  await del(use, store);
}
