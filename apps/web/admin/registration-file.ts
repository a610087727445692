import type { Schemas } from '#libs/api-client';

/** What `mianzheng keys prove --client` prints. */
export interface NewKey {
  readonly jwk: Record<string, unknown>;
  readonly proof: string;
  readonly approval?: { readonly by: string; readonly jws: string } | undefined;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where the text is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isKey = (value: unknown): boolean =>
  isObject(value) && isObject(value['jwk']) && typeof value['proof'] === 'string';

/** Whether it has the form of a registration; the city judges what it says. */
export function isRegistration(value: unknown): value is Schemas['RegisterClientDto'] {
  if (!isObject(value)) return false;
  const { kind, name, department, keys } = value;
  return (
    [kind, name, department].every((text) => typeof text === 'string') &&
    Array.isArray(keys) &&
    keys.length > 0 &&
    keys.every(isKey)
  );
}

export const isNewKey = (value: unknown): value is NewKey => isKey(value);
