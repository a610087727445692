import {
  type Decider,
  type Instant,
  type JsonObject,
  plusSeconds,
  Unreachable,
} from '#libs/kernel';
import {
  decideErasure,
  type Erasing,
  type ErasureCommand,
  evolveErasure,
  latestErasure,
  nothingErased,
} from './erasure.decider.js';
import {
  EnrolmentAbsent,
  EnrolmentRefused,
  PhoneKeyAbsent,
  PhoneKeyConflict,
  SubjectConflict,
  subjectErased,
  SubjectRefused,
} from './errors.js';
import type { IdentifierKind, IdentityBasis, PrivacyEvent } from './privacy.events.js';

/** How long after an identity check the same department may enrol a phone: the person is still at its window. Seconds. */
export const IDENTITY_CHECK_HOLDS = 3600;
/** How long a one-time enrolment code can be used, and after that how long the terminal has to confirm. Seconds. */
export const ENROLMENT_CODE_HOLDS = 600;
export const ENROLMENT_CONFIRM_HOLDS = 600;

interface OpenedEnrolment {
  readonly state: 'opened';
  readonly codeHash: string;
  readonly expires: Instant;
  readonly by: string;
  readonly department: string;
}
interface OfferedEnrolment extends Omit<OpenedEnrolment, 'state'> {
  readonly state: 'offered';
  readonly jkt: string;
  readonly jwk: JsonObject;
  readonly confirmBy: Instant;
}
interface ConfirmedEnrolment extends Omit<OfferedEnrolment, 'state'> {
  readonly state: 'enrolled';
}
export type Enrolment = OpenedEnrolment | OfferedEnrolment | ConfirmedEnrolment;

interface PhoneKey {
  readonly status: 'active' | 'revoked';
  readonly jwk: JsonObject;
  readonly enrolment: string;
}

export type SubjectState =
  | { readonly status: 'unknown' }
  | {
      /** Provisional: nobody checked who it is. Erased: nothing is known any more, nor ever will be. */
      readonly status: 'provisional' | 'identified' | 'erased';
      readonly subject: string;
      /** By the random id of the look-up row. */
      readonly identifiers: ReadonlyMap<string, { kind: IdentifierKind; pepper: string }>;
      /** When each department last checked the identity. */
      readonly checks: ReadonlyMap<string, Instant>;
      readonly merged: ReadonlySet<string>;
      readonly enrolments: ReadonlyMap<string, Enrolment>;
      readonly keys: ReadonlyMap<string, PhoneKey>;
      readonly erasing: Erasing;
    };
type Known = Exclude<SubjectState, { status: 'unknown' }>;

/**
 * What can be asked of a subject's stream. Signatures (`proof`, `statement`) and whose key it is were checked before: only what was verified
 * comes in here, with the time of the command.
 */
export type SubjectCommand =
  | ErasureCommand
  | {
      readonly do: 'add-identifier';
      readonly subject: string;
      readonly identifier: string;
      readonly kind: IdentifierKind;
      readonly pepper: string;
    }
  | {
      readonly do: 'identify';
      readonly by: string;
      readonly department: string;
      readonly basis: IdentityBasis;
      readonly now: Instant;
    }
  | { readonly do: 'merge'; readonly from: string }
  | {
      readonly do: 'open-enrolment';
      readonly enrolment: string;
      readonly codeHash: string;
      readonly by: string;
      readonly department: string;
      readonly now: Instant;
    }
  | {
      readonly do: 'offer-key';
      readonly enrolment: string;
      readonly codeHash: string;
      readonly jkt: string;
      readonly jwk: JsonObject;
      readonly proof: string;
      readonly now: Instant;
    }
  | {
      readonly do: 'confirm-key';
      readonly enrolment: string;
      readonly jkt: string;
      readonly statement: string;
      readonly by: string;
      readonly now: Instant;
    }
  | { readonly do: 'revoke-key'; readonly jkt: string; readonly reason: string };

/** Whether an erasure of the subject was approved: from then on nothing of it is handed to anybody, though its key may stand a moment longer. */
export function isBeingErased(state: SubjectState): boolean {
  const status = state.status === 'unknown' ? null : latestErasure(state.erasing)?.status;
  return status === 'approved' || status === 'erased';
}

export const subjectStream = (subject: string): string => `subject-${subject}`;

/** The rules of a subject: who it is, by which numbers it is found, and which phones' keys speak for it. */
export const subjectDecider: Decider<SubjectCommand, SubjectState, PrivacyEvent> = {
  initialState: { status: 'unknown' },
  decide,
  evolve,
};

function decide(command: SubjectCommand, state: SubjectState): readonly PrivacyEvent[] {
  if (isErasure(command)) return decideErasure(command, known(state).erasing);
  if (state.status === 'erased') throw subjectErased();
  switch (command.do) {
    case 'add-identifier':
      return addIdentifier(command, state);
    case 'identify': {
      const { by, department, basis, now } = command;
      known(state);
      return [{ type: 'SubjectIdentified', data: { by, department, basis, at: now } }];
    }
    case 'merge': {
      const { subject, merged } = known(state);
      if (command.from === subject)
        throw new SubjectConflict('subject_merge_with_itself', 'a subject is itself already');
      if (merged.has(command.from)) return [];
      return [{ type: 'SubjectsMerged', data: { from: command.from } }];
    }
    case 'open-enrolment':
      return openEnrolment(command, state);
    case 'offer-key':
      return offerKey(command, state);
    case 'confirm-key':
      return confirmKey(command, state);
    case 'revoke-key': {
      const key = state.status === 'unknown' ? undefined : state.keys.get(command.jkt);
      if (key === undefined)
        throw new PhoneKeyAbsent('phone_key_absent', 'no such phone is enrolled for the subject');
      if (key.status === 'revoked') return [];
      return [{ type: 'PhoneKeyRevoked', data: { jkt: command.jkt, reason: command.reason } }];
    }
    default:
      throw new Unreachable(command);
  }
}

const isErasure = (command: SubjectCommand): command is ErasureCommand =>
  command.do.endsWith('-erasure') || command.do.endsWith('-hold');

type Asked<Do extends SubjectCommand['do']> = Extract<SubjectCommand, { do: Do }>;

function addIdentifier(
  { subject, identifier, kind, pepper }: Asked<'add-identifier'>,
  state: SubjectState,
): PrivacyEvent[] {
  const added: PrivacyEvent = { type: 'IdentifierAdded', data: { identifier, kind, pepper } };
  if (state.status === 'unknown') return [{ type: 'SubjectNoted', data: { subject, kind } }, added];
  return state.identifiers.has(identifier) ? [] : [added];
}

function openEnrolment(
  { enrolment, codeHash, by, department, now }: Asked<'open-enrolment'>,
  state: SubjectState,
): PrivacyEvent[] {
  const checked = state.status === 'unknown' ? undefined : state.checks.get(department);
  if (checked === undefined || plusSeconds(checked, IDENTITY_CHECK_HOLDS) <= now)
    throw new SubjectRefused(
      'subject_not_identified',
      'this department has not checked the identity of the person within the hour',
      { department },
      { hint: 'Check the document or the face and report it (POST /v1/subjects/identify) first.' },
    );
  const expires = plusSeconds(now, ENROLMENT_CODE_HOLDS);
  return [{ type: 'EnrolmentOpened', data: { enrolment, codeHash, expires, by, department } }];
}

function offerKey(command: Asked<'offer-key'>, state: SubjectState): PrivacyEvent[] {
  const { enrolment: id, codeHash, jkt, jwk, proof, now } = command;
  const enrolment = state.status === 'unknown' ? undefined : state.enrolments.get(id);
  if (state.status === 'unknown' || enrolment?.codeHash !== codeHash) throw codeRefused();
  // The phone whose answer was lost asks again; another phone with the same code is a second use.
  if (enrolment.state !== 'opened') {
    if (enrolment.jkt === jkt) return [];
    throw codeRefused();
  }
  if (enrolment.expires <= now) throw codeRefused();
  if (state.keys.has(jkt)) throw new PhoneKeyConflict();
  const confirmBy = plusSeconds(now, ENROLMENT_CONFIRM_HOLDS);
  return [{ type: 'PhoneKeyOffered', data: { enrolment: id, jkt, jwk, proof, confirmBy } }];
}

function confirmKey(command: Asked<'confirm-key'>, state: SubjectState): PrivacyEvent[] {
  const { enrolment: id, jkt, statement, by, now } = command;
  const enrolment = state.status === 'unknown' ? undefined : state.enrolments.get(id);
  // An enrolment of another terminal is none of the caller's business, not even that it exists.
  if (state.status === 'unknown' || enrolment?.by !== by) throw enrolmentAbsent();
  switch (enrolment.state) {
    case 'opened':
      throw new EnrolmentRefused('enrolment_not_offered', 'no phone has shown the code yet', {
        enrolment: id,
      });
    case 'enrolled':
      if (enrolment.jkt !== jkt) throw anotherKey(id);
      return [];
    case 'offered':
      if (enrolment.jkt !== jkt) throw anotherKey(id);
      if (enrolment.confirmBy <= now)
        throw new EnrolmentRefused('enrolment_expired', 'the enrolment was not confirmed in time', {
          enrolment: id,
        });
      if (state.keys.has(jkt)) throw new PhoneKeyConflict();
      return [{ type: 'PhoneEnrolled', data: { enrolment: id, jkt, statement, by } }];
    default:
      throw new Unreachable(enrolment);
  }
}

function evolve(state: SubjectState, event: PrivacyEvent): SubjectState {
  if (event.type === 'SubjectNoted') {
    const { subject } = event.data;
    return {
      status: 'provisional',
      subject,
      identifiers: new Map(),
      checks: new Map(),
      merged: new Set(),
      enrolments: new Map(),
      keys: new Map(),
      erasing: nothingErased,
    };
  }
  if (state.status === 'unknown') return state;
  switch (event.type) {
    case 'SubjectIdentified': {
      const { department, at } = event.data;
      return { ...state, status: 'identified', checks: withEntry(state.checks, department, at) };
    }
    case 'IdentifierAdded': {
      const { identifier, kind, pepper } = event.data;
      return {
        ...state,
        identifiers: withEntry(state.identifiers, identifier, { kind, pepper }),
      };
    }
    case 'SubjectsMerged':
      return { ...state, merged: new Set([...state.merged, event.data.from]) };
    case 'EnrolmentOpened': {
      const { enrolment, ...rest } = event.data;
      return withEnrolment(state, enrolment, { state: 'opened', ...rest });
    }
    case 'PhoneKeyOffered': {
      const { enrolment: id, jkt, jwk, confirmBy } = event.data;
      const opened = state.enrolments.get(id);
      if (opened === undefined) return state;
      return withEnrolment(state, id, { ...opened, state: 'offered', jkt, jwk, confirmBy });
    }
    case 'PhoneEnrolled': {
      const { enrolment: id, jkt } = event.data;
      const offered = state.enrolments.get(id);
      if (offered?.state !== 'offered') return state;
      const key: PhoneKey = { status: 'active', jwk: offered.jwk, enrolment: id };
      return {
        ...withEnrolment(state, id, { ...offered, state: 'enrolled' }),
        keys: withEntry(state.keys, jkt, key),
      };
    }
    case 'PhoneKeyRevoked': {
      const { jkt } = event.data;
      const key = state.keys.get(jkt);
      if (key === undefined) return state;
      return { ...state, keys: withEntry(state.keys, jkt, { ...key, status: 'revoked' }) };
    }
    case 'ErasureRequested':
    case 'ErasureWithdrawn':
    case 'ErasureApproved':
    case 'LegalHoldPlaced':
    case 'LegalHoldLifted':
      return { ...state, erasing: evolveErasure(state.erasing, event) };
    case 'SubjectErased':
      return {
        ...state,
        status: 'erased',
        identifiers: new Map(),
        checks: new Map(),
        merged: new Set(),
        enrolments: new Map(),
        keys: new Map(),
        erasing: evolveErasure(state.erasing, event),
      };
    default:
      // A later program's events are no reason to fail: the state is what this program understands.
      event satisfies never;
      return state;
  }
}

const withEntry = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value) =>
  new Map([...map, [key, value]]);

const withEnrolment = (state: Known, id: string, enrolment: Enrolment): Known => ({
  ...state,
  enrolments: withEntry(state.enrolments, id, enrolment),
});

function known(state: SubjectState): Known {
  if (state.status === 'unknown')
    throw new SubjectRefused('subject_not_identified', 'nobody has heard of the subject yet');
  return state;
}

const codeRefused = () =>
  new EnrolmentRefused('enrolment_code_refused', 'the code is wrong, was used, or has expired');
const enrolmentAbsent = () =>
  new EnrolmentAbsent('enrolment_absent', 'this terminal opened no such enrolment');
const anotherKey = (enrolment: string) =>
  new EnrolmentRefused('enrolment_statement_refused', 'the statement names another key', {
    enrolment,
  });
