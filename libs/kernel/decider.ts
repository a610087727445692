import { InternalError } from './error-families.js';

/**
 * The rules of a context as two pure functions: `decide` throws one of the context's errors, or
 * returns the events of a command, none where it changes nothing. `evolve` takes every event that
 * the context ever wrote, upcast to today's schema, and throws only on an order that no command can
 * have produced.
 */
export interface Decider<Command, State, Event> {
  readonly initialState: State;
  decide(command: Command, state: State): readonly Event[];
  evolve(state: State, event: Event): State;
}

/**
 * An event of a context before it is given an id, a time and an actor: its type in the past tense,
 * and plain JSON.
 */
export interface Fact<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** The state that the events lead to. */
export function fold<State, Event>(
  decider: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'>,
  events: Iterable<Event>,
): State {
  let state = decider.initialState;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}

/** A stream holds an event that no command can have written after those before it. */
export class EventOutOfOrder extends InternalError<'event_out_of_order'> {
  constructor({ type }: Fact) {
    super('event_out_of_order', 'an event cannot follow those before it in its stream', { type });
  }
}

/**
 * The state before an event that cannot be the first of its stream.
 * @throws EventOutOfOrder where there is none
 */
export function begunBefore<State extends { readonly status: string }>(
  state: State,
  event: Fact,
): Exclude<State, { readonly status: 'absent' }> {
  if (state.status === 'absent') throw new EventOutOfOrder(event);
  return state as Exclude<State, { readonly status: 'absent' }>;
}

/**
 * A part of the state that an event requires.
 * @throws EventOutOfOrder where there is none
 */
export function presentFor<Part>(part: Part | null | undefined, event: Fact): Part {
  if (part === null || part === undefined) throw new EventOutOfOrder(event);
  return part;
}
