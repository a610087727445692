import { type JsonObject, UnavailableError } from '#libs/kernel';
import type { StoredRecord } from './port.js';

/** Makes the data of one schema those of the next. Pure, and never changed once a release has it: what it reads is history. */
export type Lift = (data: JsonObject) => JsonObject;

/**
 * What is known of each event type: the lifts from schema 1 to 2, from 2 to 3, and so on; none for a type that always was as it is now. Who
 * changes the shape of an event adds a lift here, and old records come back in the new shape.
 */
export type Schemas<Type extends string = string> = Readonly<Record<Type, readonly Lift[]>>;

/**
 * A record has a type or a schema that this program does not know: a later release wrote it. It is never passed over, for what it says may
 * forbid what is about to be done.
 */
export class EventSchemaUnknown extends UnavailableError<'event_schema_unknown'> {
  constructor(type: string, schema: number) {
    super(
      'event_schema_unknown',
      'a record was written by a release that this program does not know',
      { type, schema },
      { hint: 'Finish the upgrade: this process is older than one that wrote records.' },
    );
  }
}

interface Fact {
  readonly type: string;
  readonly data: unknown;
}

/** How stored records and a context's events turn into each other. Hashes stay over what was stored. */
export interface Codec<Event extends Fact> {
  /** The schema in which events of a type are written. */
  schemaOf(type: Event['type']): number;
  /** The event that a record holds, in the shape that the program knows. @throws EventSchemaUnknown */
  upcast(type: string, schema: number, data: JsonObject): Event;
}

/** The codec of a context's events, each type of which must be named. */
export function upcasting<Event extends Fact>(schemas: Schemas<Event['type']>): Codec<Event> {
  return {
    schemaOf: (type: Event['type']) => schemas[type].length + 1,
    upcast: (type, schema, data) =>
      ({ type, data: lift(schemas, type, schema, data) }) as unknown as Event,
  };
}

/**
 * A record with its data in the shape that the program knows; the very same where it has it already. Its bytes and hash are those stored.
 * @throws EventSchemaUnknown
 */
export function inTodaysShape<Read extends StoredRecord>(schemas: Schemas, record: Read): Read {
  const { body } = record;
  const data = lift(schemas, body.type, body.schema, body.data);
  if (data === body.data) return record;
  return { ...record, body: { ...body, data } };
}

/** The part of a table of schemas that somebody folds. */
export function schemasOf<Type extends string, Wanted extends Type>(
  schemas: Schemas<Type>,
  ...types: readonly Wanted[]
): Schemas<Wanted> {
  return Object.fromEntries(types.map((type) => [type, schemas[type]])) as Schemas<Wanted>;
}

function lift(schemas: Schemas, type: string, schema: number, data: JsonObject): JsonObject {
  const lifts = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (lifts === undefined || schema < 1 || schema > lifts.length + 1)
    throw new EventSchemaUnknown(type, schema);
  let lifted = data;
  for (let at = schema - 1; at < lifts.length; at++) lifted = lifts[at]?.(lifted) ?? lifted;
  return lifted;
}
