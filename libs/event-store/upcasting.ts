import { type Fact, type Instant, type JsonObject, UnavailableError } from '#libs/kernel';
import type { StoredRecord } from './port.js';

/**
 * Turns data of one schema into the next. Pure, and never changed after a release, because stored
 * records depend on it.
 */
export type Upcaster = (data: JsonObject) => JsonObject;

/**
 * For each event type its upcasters from schema 1 to 2, 2 to 3, and so on; none for a type with one
 * schema. A changed event gets an upcaster here, and old records are read in the new schema.
 */
export type Schemas<Type extends string = string> = Readonly<Record<Type, readonly Upcaster[]>>;

/**
 * A record has a type or a schema that this program does not know, because a later release wrote
 * it. It is never skipped: it may forbid what is about to be done.
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

/**
 * Converts between stored records and a context's events. Hashes remain those of what was stored.
 */
export interface Codec<Event extends Fact> {
  /** The schema in which events of a type are written. */
  schemaOf(type: Event['type']): number;
  /** The event of a record, upcast to the program's schema. @throws EventSchemaUnknown */
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
 * A record with its data upcast to the program's schema; the same object where it has that already.
 * Its bytes and hash are those stored.
 * @throws EventSchemaUnknown
 */
export function upcastRecord<Read extends StoredRecord>(schemas: Schemas, record: Read): Read {
  const { body } = record;
  const data = lift(schemas, body.type, body.schema, body.data);
  if (data === body.data) return record;
  return { ...record, body: { ...body, data } };
}

/** An event with where and when it was recorded. */
export type RecordedEvent<Event extends Fact = Fact> = Event & {
  readonly stream: string;
  readonly version: number;
  readonly time: Instant;
};

/**
 * The event of a record, upcast to the program's schema.
 * @throws EventSchemaUnknown
 */
export function recordedEvent<Event extends Fact>(
  schemas: Schemas<Event['type']>,
  { body: { type, schema, data, stream, version, time } }: StoredRecord,
): RecordedEvent<Event> {
  const event = { type, data: lift(schemas, type, schema, data), stream, version, time };
  return event as unknown as RecordedEvent<Event>;
}

/** The part of a table of schemas that one state folds. */
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
