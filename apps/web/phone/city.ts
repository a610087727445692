import {
  type ApiKey,
  createOpenClient,
  createPhoneClient,
  type LedgerClient,
  phoneEventsOf,
} from '#libs/api-client';
import { findKey, findOrMakeKey, forgetKey } from '../shared/keys.ts';
import { Live } from '../shared/live.ts';
import { cityClock } from './logic/city-clock.ts';

const baseUrl = location.origin;

const timed = (client: LedgerClient): LedgerClient => {
  client.use({
    onResponse: ({ response }) => {
      cityClock.observe(response);
    },
  });
  return client;
};

/** For the offer of a key, which is before anybody is known. */
export const open = timed(createOpenClient(baseUrl));

/** A holder's enrolled phone, as the page uses it. */
export interface Phone {
  readonly key: ApiKey;
  readonly api: LedgerClient;
  /** What happens in the holder's book, while the page is seen. */
  readonly live: Live;
}

/**
 * @param onUnknown the city says that this key speaks for nobody
 */
export function phoneWith(key: ApiKey, onUnknown: () => void): Phone {
  const api = timed(createPhoneClient(baseUrl, key));
  const isOver = (code: unknown): boolean => {
    if (code !== 'phone_unknown') return false;
    onUnknown();
    return true;
  };
  api.use({
    onResponse: async ({ response }) => {
      if (response.status !== 401) return;
      const problem: unknown = await response.clone().json();
      if (typeof problem === 'object' && problem !== null && 'code' in problem)
        isOver(problem.code);
    },
  });
  const live = new Live(phoneEventsOf(api), isOver, { whileHidden: false });
  return { key, api, live };
}

/** Why this browser cannot hold a key. */
export type NoKeyHere = 'insecure' | 'storage';

export class KeyRefused extends Error {
  constructor(readonly why: NoKeyHere) {
    super(why);
  }
}

const stored = async <Kept>(use: () => Promise<Kept>): Promise<Kept> => {
  if (!isSecureContext) throw new KeyRefused('insecure');
  try {
    return await use();
  } catch {
    // IndexedDB: refused in private windows, switched off, or full.
    throw new KeyRefused('storage');
  }
};

/** @throws KeyRefused */
export const keptKey = () => stored(() => findKey('phone'));

/**
 * A new key: one that was offered before is not taken again.
 * @throws KeyRefused
 */
export const newKey = () =>
  stored(async () => {
    await forgetKey('phone');
    return (await findOrMakeKey('phone')).key;
  });

/** Destroys this key; a newer one, of another page of this browser, stays. */
export const wipeKey = ({ jkt }: ApiKey) => forgetKey('phone', jkt);
