import { type CommandContext, type EventStore, execute, upcasting } from '#libs/event-store';
import type { StreamClientDirectory } from '../client-directory.js';
import { clientStream, type IdentityCommand, identityDecider } from '../identity.decider.js';
import { type IdentityEvent, identitySchemas } from '../identity.events.js';

const rules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };

/** Carries out a command on a client's stream; the process's own directory knows it at once. */
export async function carryOut(
  store: EventStore,
  directory: StreamClientDirectory,
  context: CommandContext,
  command: IdentityCommand,
): Promise<void> {
  await execute(store, clientStream(command.client), context, rules, (state) =>
    rules.decide(command, state),
  );
  directory.forget(command.client);
}
