import {
  type CommandContext,
  type EventStore,
  execute,
  firstSchema,
  load,
  type Outcome,
} from '#libs/event-store';
import type { PrivacyEvent } from './privacy.events.js';
import {
  type SubjectCommand,
  subjectDecider,
  type SubjectState,
  subjectStream,
} from './subject.decider.js';

const rules = { ...subjectDecider, codec: firstSchema<PrivacyEvent>() };

/**
 * Carries a command out on a subject's stream. `before` runs when something is about to be recorded: it writes the row that leads to it.
 * @throws what the decider, `before` and `execute` throw
 */
export const onSubject = (
  store: EventStore,
  subject: string,
  context: CommandContext,
  command: SubjectCommand,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<Outcome<SubjectState, PrivacyEvent>> =>
  execute(store, subjectStream(subject), context, rules, async (state) => {
    const events = subjectDecider.decide(command, state);
    if (events.length > 0) await before();
    return events;
  });

/** A subject as its own stream tells now. For reading only. */
export const readSubject = async (store: EventStore, subject: string): Promise<SubjectState> =>
  (await load(store, subjectStream(subject), rules)).state;
