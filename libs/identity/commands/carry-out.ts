import { type CommandContext, type EventStore, execute } from '#libs/event-store';
import type { StreamClientDirectory } from '../client-directory.js';
import { clientStream, type ClientState, type IdentityCommand } from '../identity.decider.js';
import { clientRules } from '../identity.stream.js';

/**
 * Carries out a command on a client's stream; the process's own directory knows it at once.
 * @param commandFor verifies what the command claims, against the client as it is; not called where
 * the command was carried out before
 */
export async function carryOut(
  on: { readonly store: EventStore; readonly directory: StreamClientDirectory },
  context: CommandContext,
  client: string,
  commandFor: (state: ClientState) => IdentityCommand | Promise<IdentityCommand>,
): Promise<void> {
  await execute(on.store, clientStream(client), context, clientRules, async (state) =>
    clientRules.decide(await commandFor(state), state),
  );
  on.directory.forget(client);
}
