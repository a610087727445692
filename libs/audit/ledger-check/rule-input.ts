import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import { memberAt, membersIn } from './canonical-members.js';
import type { CanonicalRecord } from './canonical-record.js';

/** The part of a record that rules need; null where its schema is unknown here. */
export type RuleInput = readonly [
  leaf: number,
  stream: string,
  version: number,
  type: string,
  said: JsonObject | null,
];

/**
 * The members of an object that rules read, in the order of canonical JSON; those of a record's
 * data, or of a member of it.
 */
type Shape = readonly (readonly [of: 'data' | `data.${string}` | 'record', ...members: string[]])[];

/**
 * The event types that rules read, and their members for each schema from 1 on: the minimum,
 * because they pass between threads. A new schema's shape names where the same values are, so that
 * the rules get them under the same names.
 */
export const told: ReadonlyMap<string, readonly Shape[]> = new Map<string, readonly Shape[]>([
  ['CaseOpened', [[['data', 'participants']], [['data', 'participants']]]],
  [
    'CaseOpenedOnline',
    [
      [
        ['data', 'caller', 'department', 'matter', 'matterName', 'participants'],
        ['data.proof', 'jkt', 'jws', 'method'],
      ],
    ],
  ],
  [
    'CaseTaken',
    [
      [
        ['data', 'window'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'CaseWithdrawn',
    [
      [
        ['data', 'caller'],
        ['record', 'time'],
      ],
    ],
  ],
  ['CaseClosed', [[['record', 'time']]]],
  [
    'ConsentRequested',
    [
      [
        ['data', 'action', 'asks', 'basis', 'case', 'consent', 'role'],
        ['data.match', 'commitment'],
        ['data.notice', 'hash'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'ConsentGranted',
    [
      [
        ['data', 'caller', 'capacity', 'consent', 'match'],
        ['data.proof', 'authenticatorData', 'clientDataJSON', 'jkt', 'jws', 'method', 'signature'],
        ['record', 'time'],
      ],
    ],
  ],
  ['ConsentRefused', [[['data', 'caller', 'consent']]]],
  ['ConsentWithdrawn', [[['data', 'caller', 'consent']]]],
  ['NumberMismatched', [[['data', 'caller', 'consent', 'ends']]]],
  ['ConsentEnded', [[['data', 'consent']]]],
  [
    'ConsentRedeemed',
    [
      [
        ['data', 'action', 'basis', 'case', 'caseVersion', 'consent', 'read'],
        ['record', 'time'],
      ],
    ],
  ],
  ['NothingReleased', [[['data', 'consent', 'ends', 'reading']]]],
  ['ReleaseWithheld', [[['data', 'consent', 'reading']]]],
  [
    'ReleaseReadAgain',
    [
      [
        ['data', 'consent', 'reading', 'used'],
        ['record', 'time'],
      ],
    ],
  ],
  ['PhoneKeyOffered', [[['data', 'jkt', 'jwk']]]],
  ['PhoneEnrolled', [[['data', 'jkt']]]],
  [
    'PhoneKeyRevoked',
    [
      [
        ['data', 'caller', 'jkt'],
        ['record', 'time'],
      ],
    ],
  ],
  ['PasskeyEnrolled', [[['data', 'credential', 'jkt', 'jwk', 'phone', 'rpId', 'statement']]]],
  [
    'PasskeyRevoked',
    [
      [
        ['data', 'caller', 'jkt'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'ClientRegistered',
    [
      [
        ['data', 'authority', 'department', 'keys', 'kind', 'name', 'scopes', 'town', 'window'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'ClientKeyRotated',
    [
      [
        ['data', 'added', 'approval', 'retired'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'ExclusionRequested',
    [
      [
        ['data', 'by', 'events', 'exclusion', 'expires', 'requestedWith', 'stream'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  ['ExclusionWithdrawn', [[['data', 'exclusion']]]],
  [
    'ForeignEventsExcluded',
    [
      [
        [
          'data',
          'approvedWith',
          'by',
          'events',
          'exclusion',
          'reason',
          'requestedBy',
          'sealed',
          'stream',
        ],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'ErasureRequested',
    [
      [
        ['data', 'by', 'erasure', 'expires', 'requestedWith'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  ['ErasureWithdrawn', [[['data', 'erasure']]]],
  [
    'ErasureApproved',
    [
      [
        ['data', 'approvedWith', 'by', 'erasure'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  ['SubjectErased', [[['data', 'erasure']]]],
  ['ClientDisabled', [[['record', 'actor', 'time']]]],
  ['ClientEnabled', [[['record', 'actor', 'time']]]],
  [
    'ClientTypesChanged',
    [
      [
        ['data', 'types'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'CertificateIssued',
    [
      [
        ['data', 'authority', 'type'],
        ['data.version', 'asOf', 'number', 'signed'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'CertificateAmended',
    [
      [
        ['data.version', 'asOf', 'number', 'signed'],
        ['record', 'time'],
      ],
    ],
  ],
]);

/** The type of the input that names a record's operator: event types begin with a capital. */
export const operatorInput = 'operator';

/** `ruleInputIn` for the operator of a record of any type; null where it names none. */
export function operatorIn(bytes: Buffer, record: CanonicalRecord, leaf: number): string | null {
  const { actorStart, actorEnd, operatorStart, operatorEnd } = record;
  if (operatorStart < 0) return null;
  const stream = bytes.toString('utf8', record.streamStart, record.streamEnd);
  const actor = bytes.toString('utf8', actorStart, actorEnd);
  const operator = bytes.toString('utf8', operatorStart, operatorEnd);
  return `[${leaf},"${stream}",${record.version},"${operatorInput}",{"actor":"${actor}","operator":"${operator}"}]`;
}

/** The same of a record that was parsed. */
export function operatorOf(
  { stream, version, actor: { client, operator } }: RecordBody,
  leaf: number,
): string | null {
  if (operator === undefined) return null;
  return JSON.stringify([leaf, stream, version, operatorInput, { actor: client, operator }]);
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
      of === 'record' ? { actor: actor.client, time } : within === undefined ? data : data[within];
    if (!isObject(object)) continue;
    for (const member of members) {
      const value = object[member];
      if (value !== undefined) said[member] = value;
    }
  }
  return JSON.stringify([leaf, stream, version, type, said]);
}

/** `actor` is the client's id alone. */
function ofRecord(
  bytes: Buffer,
  { actorStart, actorEnd, timeStart, timeEnd }: CanonicalRecord,
  members: readonly string[],
): string {
  const actor = members.includes('actor')
    ? `,"actor":"${bytes.toString('utf8', actorStart, actorEnd)}"`
    : '';
  return `${actor},"time":"${bytes.toString('utf8', timeStart, timeEnd)}"`;
}
