import {
  type CommandContext,
  type EventStore,
  exclusionStream,
  execute,
  load,
  type Outcome,
  upcasting,
} from '#libs/event-store';
import { type ExclusionCommand, exclusionDecider, type Exclusions } from './exclusion.decider.js';
import { type ExclusionEvent, exclusionSchemas } from './exclusion.events.js';

const rules = { ...exclusionDecider, codec: upcasting<ExclusionEvent>(exclusionSchemas) };

/** @throws what the decider and `execute` throw */
export const onExclusions = (
  store: EventStore,
  context: CommandContext,
  command: ExclusionCommand,
): Promise<Outcome<Exclusions, ExclusionEvent>> =>
  execute(store, exclusionStream, context, rules, (state) =>
    exclusionDecider.decide(command, state),
  );

/** All exclusions by their stream. For reading only. */
export const readExclusions = async (store: EventStore): Promise<Exclusions> =>
  (await load(store, exclusionStream, rules)).state;
