import { hash } from 'node:crypto';
import {
  type CommandContext,
  type EventStore,
  execute,
  foldRecords,
  ForeignEventMet,
} from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import type { ClientClaims } from './client-claims.js';
import { clientStream, type ClientState } from './identity.decider.js';
import { clientRules } from './identity.stream.js';
import type { Jwk } from './jws.js';
import { clientKey } from './key-proof.js';
import { theCity } from './separation-of-duties.js';

export interface FirstAdministrator {
  readonly client: string;
  readonly name: string;
  readonly department: string;
  /** Public. */
  readonly jwk: Jwk;
}

/**
 * Admits an administrator by a key that the operator of the ledger put on its machine, recorded as
 * the actor `city`: the first, who registers the first client, and a second who is independent of
 * it. Another key in the file replaces the old one and enables the client, which recovers a city
 * whose administrators' keys are all lost; it may be called at every start, by several processes
 * concurrently.
 * Where a foreign event is in that client's stream, the key is admitted as another client, because
 * nothing can be appended to it
 * @returns the id of the client that has the key
 */
export async function admitFirstAdministrator(
  on: { readonly store: EventStore; readonly clock: Clock; readonly claims: ClientClaims },
  { client: wanted, name, department, jwk }: FirstAdministrator,
): Promise<string> {
  const added = clientKey(jwk, null);
  const { kid: jkt } = added;
  const { client, isKnown } = await whoHas(on.store, wanted, jkt);
  if (isKnown) return client;
  const key = `first-administrator/${client}/${jkt}`;
  const context: CommandContext = {
    actor: { client: theCity },
    idempotencyKey: key,
    seed: hash('sha256', key, 'hex'), // no id is derived from it
    now: on.clock.now(),
  };
  const decide = (state: ClientState) => {
    if (state.status === 'absent')
      return clientRules.decide(
        {
          kind: 'register',
          client,
          clientKind: 'administrator',
          name,
          department,
          window: null,
          town: null,
          authority: null,
          scopes: null,
          signIn: 'client',
          keys: [added],
        },
        state,
      );
    return clientRules.decide({ kind: 'admit-key', client, key: added }, state);
  };
  await on.claims.during(client, [{ key: jkt }], () =>
    execute(on.store, clientStream(client), context, clientRules, decide),
  );
  return client;
}

const knows = (state: ClientState, jkt: string): boolean =>
  state.status !== 'absent' &&
  (state.retired.includes(jkt) || state.keys.some(({ kid }) => kid === jkt));

/**
 * As which client a key is admitted, and whether nothing is to be decided on that any more. @param
 * jkt its RFC 7638 thumbprint
 */
async function whoHas(
  store: EventStore,
  wanted: string,
  jkt: string,
): Promise<{ readonly client: string; readonly isKnown: boolean }> {
  const usual = await stateOf(store, wanted);
  if (knows(usual.state, jkt)) return { client: wanted, isKnown: !usual.isOpen };
  // The key is part of the name, so that only those who know it can have written there before.
  const other = `${wanted}-${jkt.slice(0, 16)}`;
  if (knows((await stateOf(store, other)).state, jkt)) return { client: other, isKnown: true };
  return { client: usual.isOpen ? wanted : other, isKnown: false };
}

/**
 * The state of a client, and whether its stream can be appended to: nothing can behind a foreign
 * event.
 */
async function stateOf(
  store: EventStore,
  client: string,
): Promise<{ readonly state: ClientState; readonly isOpen: boolean }> {
  try {
    const records = await store.readStream(clientStream(client));
    return { state: foldRecords(clientRules, records), isOpen: true };
  } catch (error) {
    if (!(error instanceof ForeignEventMet)) throw error;
    return { state: foldRecords(clientRules, error.before), isOpen: false };
  }
}
