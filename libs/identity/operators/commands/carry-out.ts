import type { CommandContext, EventStore } from '#libs/event-store';
import type { OperatorDirectory } from '../operator-directory.js';
import type { OperatorCommand, OperatorState } from '../operators.decider.js';
import { onOperator } from '../operators.stream.js';

/** On an operator's stream; the process's own directory knows it at once. */
export async function carryOut(
  on: { readonly store: EventStore; readonly directory: OperatorDirectory },
  context: CommandContext,
  operator: string,
  commandFor: (state: OperatorState) => OperatorCommand | Promise<OperatorCommand>,
): Promise<void> {
  await onOperator(on.store, context, operator, commandFor);
  on.directory.forget(operator);
}
