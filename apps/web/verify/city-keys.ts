import { isObject, parseJson, utf8Bytes } from '#libs/kernel';
import { formatKey, parseCheckpoint } from '#libs/log';
import {
  type AuthorityKeys,
  keysOfLog,
  openAuthorityKeys,
  parsePolicy,
  type Policy,
  trustCheckpoint,
} from '#libs/verify';

/** What a city says of its keys: the texts as they were served, and when. */
export interface KeptKeys {
  readonly v: 1;
  /** C2SP tlog-policy: keys of the log and of its witnesses. */
  readonly policy: string;
  /** Note of `/log/authority-keys`. */
  readonly authorityKeys: string;
  /** The checkpoint that was the last one then. */
  readonly checkpoint: string;
  /** When the city gave them: milliseconds since 1970, by this device's clock and by the city's. */
  readonly at: number;
  readonly cityTime: number;
}

/** The same, read and verified. */
export interface CityKeys {
  readonly kept: KeptKeys;
  /** Origin of the city's log. */
  readonly city: string;
  readonly policy: Policy;
  readonly authorityKeys: AuthorityKeys;
  /** Leaves of the log then. */
  readonly size: number;
}

/** Keys that were not taken: malformed, not the log's, or of another log than before. */
export class KeysRefused extends Error {}

/** @throws KeysRefused */
export function readKeys(kept: KeptKeys): CityKeys {
  try {
    const policy = parsePolicy(kept.policy);
    const authorityKeys = openAuthorityKeys(utf8Bytes(kept.authorityKeys), policy);
    const checkpoint = parseCheckpoint(utf8Bytes(kept.checkpoint));
    trustCheckpoint(checkpoint, policy);
    if (checkpoint.origin !== authorityKeys.origin) throw new TypeError('of two logs');
    return { kept, city: authorityKeys.origin, policy, authorityKeys, size: checkpoint.size };
  } catch (cause) {
    throw new KeysRefused('the keys are not those of a log', { cause });
  }
}

/**
 * Newer keys in place of older ones: the log must be the same, by one of the keys that it had.
 * @throws KeysRefused
 */
export function replaceKeys(before: CityKeys | null, next: CityKeys): CityKeys {
  if (before === null) return next;
  const known = new Set(keysOfLog(before.policy, before.city).map(formatKey));
  const isSame =
    next.city === before.city &&
    keysOfLog(next.policy, next.city).some((key) => known.has(formatKey(key)));
  if (!isSame) throw new KeysRefused('the keys are those of another log');
  // An answer that is older than what is kept: a cache, or another process.
  const isOlder = next.size < before.size || next.authorityKeys.size < before.authorityKeys.size;
  return isOlder ? before : next;
}

/** A file that another browser saved. @throws KeysRefused */
export function keysIn(text: string): CityKeys {
  const value = parseJson(text, 4);
  if (!isObject(value) || value['v'] !== 1) throw new KeysRefused('no file of keys');
  const { policy, authorityKeys, checkpoint, at, cityTime } = value;
  const isWhole =
    [policy, authorityKeys, checkpoint].every((each) => typeof each === 'string') &&
    [at, cityTime].every((each) => typeof each === 'number');
  if (!isWhole) throw new KeysRefused('no file of keys');
  return readKeys(value as unknown as KeptKeys);
}
