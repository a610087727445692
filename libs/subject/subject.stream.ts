import {
  AppendUncertain,
  type CommandContext,
  eventId,
  type EventStore,
  execute,
  type Folded,
  load,
  NONE,
  type Outcome,
  statesOf,
  upcasting,
  VersionConflict,
} from '#libs/event-store';
import { type SubjectEvent, subjectSchemas } from './subject.events.js';
import {
  type SubjectCommand,
  subjectDecider,
  type SubjectState,
  subjectStream,
} from './subject.decider.js';

const rules = { ...subjectDecider, codec: upcasting<SubjectEvent>(subjectSchemas) };

/**
 * Executes a command on a subject's stream. `before` runs when an event is about to be appended: it
 * writes the row that leads to it.
 * @throws what the decider, `before` and `execute` throw
 */
export const onSubject = (
  store: EventStore,
  subject: string,
  context: CommandContext,
  command: SubjectCommand,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<Outcome<SubjectState, SubjectEvent>> =>
  execute(store, subjectStream(subject), context, rules, async (state) => {
    const events = subjectDecider.decide(command, state);
    if (events.length > 0) await before();
    return events;
  });

/**
 * `onSubject` for a subject that was just created: appends without reading first, which saves an
 * import one read for each new person. Where the stream exists after all, or the response was lost,
 * it reads first as usual.
 */
export async function onNewSubject(
  store: EventStore,
  subject: string,
  context: CommandContext,
  command: SubjectCommand,
): Promise<void> {
  const { actor, idempotencyKey, now: time } = context;
  const events = subjectDecider
    .decide(command, subjectDecider.initialState)
    .map(({ type, data }, n) => ({
      id: eventId(actor.client, idempotencyKey, n),
      type,
      schema: rules.codec.schemaOf(type),
      time,
      actor,
      data: data,
    }));
  try {
    await store.append(subjectStream(subject), NONE, events);
  } catch (error) {
    if (!(error instanceof VersionConflict) && !(error instanceof AppendUncertain)) throw error;
    await onSubject(store, subject, context, command);
  }
}

/** A subject's state by its own stream. For reading only. */
export const readSubject = async (store: EventStore, subject: string): Promise<SubjectState> =>
  (await load(store, subjectStream(subject), rules)).state;

/** The same as this process knows it, which may be out of date. */
export const knownSubject = (store: EventStore, subject: string): Promise<Folded<SubjectState>> =>
  statesOf(store).known({ stream: subjectStream(subject), rules });
