import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import { memberAt, membersIn } from './canonical-members.js';
import type { CanonicalRecord } from './canonical-record.js';
import { told } from './rule-shapes.js';

/** The part of a record that rules need; null where its schema is unknown here. */
export type RuleInput = readonly [
  leaf: number,
  stream: string,
  version: number,
  type: string,
  said: JsonObject | null,
];

/** The type of the input that names a record's operator: event types begin with a capital. */
export const operatorInput = 'operator';

/** `ruleInputIn` for the operator of a record of any type; null where it names none. */
export function operatorIn(bytes: Buffer, record: CanonicalRecord, leaf: number): string | null {
  const { actorStart, actorEnd, operatorStart, operatorEnd, timeStart, timeEnd } = record;
  if (operatorStart < 0) return null;
  const stream = bytes.toString('utf8', record.streamStart, record.streamEnd);
  const actor = bytes.toString('utf8', actorStart, actorEnd);
  const operator = bytes.toString('utf8', operatorStart, operatorEnd);
  const time = bytes.toString('utf8', timeStart, timeEnd);
  const type = bytes.toString('utf8', record.typeStart, record.typeEnd);
  return `[${leaf},"${stream}",${record.version},"${operatorInput}",{"actor":"${actor}","operator":"${operator}","time":"${time}","type":"${type}"}]`;
}

/** The same of a record that was parsed. */
export function operatorOf(
  { stream, version, type, time, actor: { client, operator } }: RecordBody,
  leaf: number,
): string | null {
  if (operator === undefined) return null;
  const said = { actor: client, operator, time, type };
  return JSON.stringify([leaf, stream, version, operatorInput, said]);
}

/**
 * The rule input of a record in canonical form as JSON text, composed of slices of its bytes; null
 * where it has none.
 * @param record as it was read last, from `bytes`
 */
export function ruleInputIn(bytes: Buffer, record: CanonicalRecord, leaf: number): string | null {
  const type = bytes.toString('latin1', record.typeStart, record.typeEnd);
  const schemas = told.get(type);
  if (schemas === undefined) return null;
  const stream = bytes.toString('utf8', record.streamStart, record.streamEnd);
  const begin = `[${leaf},"${stream}",${record.version},"${type}",`;
  const shape = schemas[record.schema - 1];
  if (shape === undefined) return `${begin}null]`;
  let said = '';
  for (const [of, ...members] of shape) {
    if (of === 'record') said += ofRecord(bytes, record, members);
    else {
      const [, within] = of.split('.');
      const { dataStart } = record;
      said += membersIn(
        bytes,
        within === undefined ? dataStart : memberAt(bytes, dataStart, within),
        members,
      );
    }
  }
  return `${begin}{${said.slice(1)}}]`;
}

/** The same of a record that was parsed. */
export function ruleInputOf(
  { stream, version, type, schema, time, actor, data }: RecordBody,
  leaf: number,
): string | null {
  const schemas = told.get(type);
  if (schemas === undefined) return null;
  const shape = schemas[schema - 1];
  if (shape === undefined) return JSON.stringify([leaf, stream, version, type, null]);
  const said: Record<string, JsonValue> = {};
  for (const [of, ...members] of shape) {
    const [, within] = of.split('.');
    const object =
      of === 'record' ? ofBody(actor, time) : within === undefined ? data : data[within];
    if (!isObject(object)) continue;
    for (const member of members) {
      const value = object[member];
      if (value !== undefined) said[member] = value;
    }
  }
  return JSON.stringify([leaf, stream, version, type, said]);
}

const ofBody = ({ client, operator }: RecordBody['actor'], time: string): JsonObject => ({
  actor: client,
  ...(operator !== undefined && { operator }),
  time,
});

/** `actor` is the client's id alone, `operator` stands there where the record names one. */
function ofRecord(bytes: Buffer, record: CanonicalRecord, members: readonly string[]): string {
  const { actorStart, actorEnd, operatorStart, operatorEnd, timeStart, timeEnd } = record;
  const operator =
    members.includes('operator') && operatorStart >= 0
      ? `,"operator":"${bytes.toString('utf8', operatorStart, operatorEnd)}"`
      : '';
  const actor = members.includes('actor')
    ? `,"actor":"${bytes.toString('utf8', actorStart, actorEnd)}"`
    : '';
  return `${actor}${operator},"time":"${bytes.toString('utf8', timeStart, timeEnd)}"`;
}
