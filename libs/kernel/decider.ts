/**
 * The rules of a context as two pure functions. `decide` either returns the events that the command leads to, or throws one of the
 * context's errors; no events means that the command changes nothing (it was already so). `evolve` must accept every event that the
 * context ever wrote, and must not throw.
 */
export interface Decider<Command, State, Event> {
  readonly initialState: State;
  decide(command: Command, state: State): readonly Event[];
  evolve(state: State, event: Event): State;
}

/** An event of a context before it is given an id, a time and an actor: its type in the past tense, and plain JSON. */
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
