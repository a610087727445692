import { type ActingClient, handOf } from '#libs/identity';
import { isObject, type JsonValue } from '#libs/kernel';
import { list, text } from './decoded-record.js';

/**
 * An act that needs two administrators, as its record names it: the client and its key
 * (`ActingAdministrator`), and the operator who was signed in there, empty where none was.
 */
export interface Act {
  readonly client: string;
  readonly operator: string;
  readonly with: JsonValue | undefined;
  /** Of the record. */
  readonly time: string;
}

export const kidIn = (key: JsonValue | undefined): string =>
  isObject(key) ? text(key, 'kid') : '';

/** The operator with whom a terminal acted; null where a client acted by itself. */
export function operatorIn(key: JsonValue | undefined): ActingClient['operator'] {
  const operator = isObject(key) ? key['operator'] : null;
  return isObject(operator)
    ? { operator: text(operator, 'operator'), passkey: text(operator, 'passkey') }
    : null;
}

/** The client, and its operator. */
export function handsIn({ client, with: key }: Act): readonly string[] {
  const acting = operatorIn(key);
  return acting === null ? [client] : [client, handOf(acting.operator)];
}

export const registrarsIn = (key: JsonValue | undefined): readonly string[] =>
  isObject(key) ? list(key['registrars']).filter((one) => typeof one === 'string') : [];

/** As the separation of duties takes it. */
export const actingIn = ({ client, with: key }: Act): ActingClient => ({
  client,
  kid: kidIn(key),
  operator: operatorIn(key),
});
