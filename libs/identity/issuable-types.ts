import { ClientInvalid } from './identity.errors.js';

/** Which certificate types there are. The catalogue answers from its own streams. */
export abstract class IssuableTypes {
  abstract has(type: string): Promise<boolean>;
}

/**
 * An authority is registered for types that there are: a code that was mistyped would refuse its
 * certificates later. @throws ClientInvalid
 */
export async function mustHaveAll(known: IssuableTypes, types: readonly string[]): Promise<void> {
  const there = await Promise.all(types.map((type) => known.has(type)));
  const unknown = types.filter((_, n) => there[n] === false);
  if (unknown.length === 0) return;
  throw new ClientInvalid(
    'client_authority_type_unknown',
    `the catalogue has no certificate type ${unknown.join(', ')}`,
    { types: unknown },
    { hint: 'GET /v1/types lists the types; mianzheng import catalogue brings others in.' },
  );
}
