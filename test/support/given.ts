import { expect } from '@jest/globals';
import { type Decider, fold, ProductError } from '#libs/kernel';

/** What a decider made of a command, to be expected or looked at. */
export interface Decision<Event> {
  /** Expects exactly these events; none says that the command changes nothing. */
  then(...expected: readonly Event[]): void;
  /** Expects an error of the product with this code. */
  refuses(code: string): void;
  /** The events themselves, for expectations of their parts. Throws what the decider threw. */
  events(): readonly Event[];
  /** The code of the refusal; null where the command was taken. */
  refusal(): string | null;
}

export type Given<Command, Event> = (...events: readonly Event[]) => {
  when(command: Command): Decision<Event>;
};

/** given(...events).when(command).then(...events) or .refuses(code), for one decider. */
export function givenTo<Command, State, Event>(
  decider: Decider<Command, State, Event>,
): Given<Command, Event> {
  return (...before) => ({
    when: (command) => {
      const events = () => decider.decide(command, fold(decider, before));
      const refusal = (): string | null => {
        try {
          events();
          return null;
        } catch (error) {
          if (!(error instanceof ProductError)) throw error;
          return error.code as string;
        }
      };
      return {
        then: (...expected) => {
          expect(events()).toEqual(expected);
        },
        refuses: (code) => {
          expect(refusal()).toBe(code);
        },
        events,
        refusal,
      };
    },
  });
}

/** The events that the commands lead to, each decided on those before it. */
export function eventsOf<Command, Event>(
  given: Given<Command, Event>,
  ...commands: readonly Command[]
): readonly Event[] {
  return commands.reduce<readonly Event[]>(
    (before, command) => [
      ...before,
      ...given(...before)
        .when(command)
        .events(),
    ],
    [],
  );
}
