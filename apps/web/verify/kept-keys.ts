import { createStore, get, set } from 'idb-keyval';
import { type CityKeys, type KeptKeys, readKeys } from './city-keys.ts';

const store = createStore('mianzheng-verify', 'known');
const name = 'keys';

/** Null where this browser has none, or cannot keep any. */
export async function keptKeys(): Promise<CityKeys | null> {
  const kept = await get<KeptKeys>(name, store).catch(() => undefined);
  if (kept === undefined) return null;
  try {
    return readKeys(kept);
  } catch {
    return null;
  }
}

/** Private windows keep nothing: the page works with what it has until it is closed. */
export const keepKeys = ({ kept }: CityKeys): Promise<void> =>
  set(name, kept, store).catch(() => undefined);

/** Milliseconds that an answer may take. */
const patience = 10_000;

/** What the city says now; null where it does not answer, or not with keys. */
export async function askKeys(): Promise<CityKeys | null> {
  let cityTime = 0;
  const asked = async (path: string): Promise<string> => {
    const reply = await fetch(path, {
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    if (!reply.ok) throw new TypeError(path);
    cityTime = Date.parse(reply.headers.get('date') ?? '');
    return reply.text();
  };
  let texts: readonly string[];
  try {
    texts = await Promise.all(['/log/policy', '/log/authority-keys', '/log/checkpoint'].map(asked));
  } catch {
    return null;
  }
  const [policy = '', authorityKeys = '', checkpoint = ''] = texts;
  const at = Date.now();
  const kept = { v: 1, policy, authorityKeys, checkpoint, at } as const;
  try {
    return readKeys({ ...kept, cityTime: Number.isNaN(cityTime) ? at : cityTime });
  } catch {
    // A network's own page, as hotels show one: nothing is concluded from that.
    return null;
  }
}
