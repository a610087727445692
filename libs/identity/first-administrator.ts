import { hash } from 'node:crypto';
import { type CommandContext, type EventStore, execute, upcasting } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { clientStream, identityDecider } from './identity.decider.js';
import { type IdentityEvent, identitySchemas } from './identity.events.js';
import type { Jwk } from './jws.js';
import { readPublicKey } from './jwk.js';

export interface FirstAdministrator {
  readonly client: string;
  readonly name: string;
  readonly department: string;
  /** Public. */
  readonly jwk: Jwk;
}

/**
 * Admits an administrator by a key that whoever runs the ledger put on its machine: the first, for somebody must be able to register the first client, and a second, for whom
 * the first registers is nobody else to the rules of erasure. Where another key is put in the place of the file, that takes the old one's place: the way back in when every
 * administrator's key is lost. Safe to call at every start, by several processes at once. The records name `city` as their actor.
 */
export async function admitFirstAdministrator(
  on: { readonly store: EventStore; readonly clock: Clock },
  { client, name, department, jwk }: FirstAdministrator,
): Promise<void> {
  const { jkt } = readPublicKey(jwk);
  const key = `first-administrator/${client}/${jkt}`;
  const context: CommandContext = {
    actor: { client: 'city' },
    idempotencyKey: key,
    seed: hash('sha256', key, 'hex'), // no id is derived from it
    now: on.clock.now(),
  };
  const rules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };
  await execute(on.store, clientStream(client), context, rules, (state) => {
    if (state.status === 'unknown')
      return rules.decide(
        {
          do: 'register',
          client,
          kind: 'administrator',
          name,
          department,
          window: null,
          town: null,
          authority: null,
          scopes: null,
          keys: [jwk],
        },
        state,
      );
    // A file that was left behind brings no key back that was given up since.
    if (state.retired.includes(jkt) || state.keys.some(({ kid }) => kid === jkt)) return [];
    return rules.decide({ do: 'rotate-key', client, jwk }, state);
  });
}
