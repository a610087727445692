import {
  type CommandContext,
  type EventStore,
  execute,
  load,
  type Outcome,
  upcasting,
} from '#libs/event-store';
import { type OperatorCommand, operatorDecider, type OperatorState } from './operators.decider.js';
import { type OperatorEvent, operatorSchemas } from './operators.events.js';

export const operatorStream = (operator: string): string => `operator-${operator}`;

export const operatorRules = {
  ...operatorDecider,
  codec: upcasting<OperatorEvent>(operatorSchemas),
};

/** @throws what the decider and `execute` throw */
export const onOperator = (
  store: EventStore,
  context: CommandContext,
  operator: string,
  command: (state: OperatorState) => OperatorCommand | Promise<OperatorCommand>,
): Promise<Outcome<OperatorState, OperatorEvent>> =>
  execute(store, operatorStream(operator), context, operatorRules, async (state) =>
    operatorDecider.decide(await command(state), state),
  );

/** As the stream tells now: for what must not rest on a second ago. */
export const readOperator = async (store: EventStore, operator: string): Promise<OperatorState> =>
  (await load(store, operatorStream(operator), operatorRules)).state;
