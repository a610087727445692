import { type ActingFor, allowedCaller } from '#libs/identity';
import {
  begunBefore,
  type Decider,
  EventOutOfOrder,
  type Instant,
  type JsonObject,
  plusSeconds,
  presentFor,
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
  enrolPasskey,
  evolvePasskeys,
  isTaken,
  type Passkey,
  type PasskeyCommand,
  revokePasskey,
} from './passkey-decisions.js';
import {
  EnrolmentAbsent,
  EnrolmentRefused,
  PhoneKeyAbsent,
  PhoneKeyConflict,
  SubjectConflict,
  subjectErased,
  SubjectRefused,
} from './subject.errors.js';
import type { IdentifierKind, IdentityBasis, SubjectEvent } from './subject.events.js';

/**
 * How long after an identity check the same department may enrol a phone, because the person is
 * still at its window. Seconds.
 */
export const IDENTITY_CHECK_HOLDS = 3600;
/**
 * How long a one-time enrolment code can be used, and after that how long the terminal has to
 * confirm. Seconds.
 */
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
  | { readonly status: 'absent' }
  | {
      /** Provisional: identity not checked. Erased: nothing is known any more, for good. */
      readonly status: 'provisional' | 'identified' | 'erased';
      readonly subject: string;
      /** By the random id of the look-up row. */
      readonly identifiers: ReadonlyMap<string, { kind: IdentifierKind; pepper: string }>;
      /** Time of each department's last identity check. */
      readonly checks: ReadonlyMap<string, Instant>;
      readonly merged: ReadonlySet<string>;
      readonly enrolments: ReadonlyMap<string, Enrolment>;
      readonly keys: ReadonlyMap<string, PhoneKey>;
      /** By the thumbprint of each one's own key. */
      readonly passkeys: ReadonlyMap<string, Passkey>;
      readonly erasing: Erasing;
    };
type Known = Exclude<SubjectState, { status: 'absent' }>;

export interface AddIdentifier {
  readonly kind: 'add-identifier';
  readonly subject: string;
  readonly identifier: string;
  readonly identifierKind: IdentifierKind;
  readonly pepper: string;
}

/**
 * Commands on a subject's stream. Signatures (`proof`, `statement`) and keys were verified before,
 * and the time is the command's.
 */
export type SubjectCommand =
  | ErasureCommand
  | PasskeyCommand
  | AddIdentifier
  | {
      readonly kind: 'identify';
      /** The number through which the subject was found, where the stream may not hold it yet. */
      readonly adding?: AddIdentifier | null;
      readonly by: string;
      readonly department: string;
      readonly basis: IdentityBasis;
      readonly now: Instant;
    }
  | { readonly kind: 'merge'; readonly from: string }
  | {
      readonly kind: 'open-enrolment';
      readonly enrolment: string;
      readonly codeHash: string;
      readonly by: string;
      readonly department: string;
      readonly now: Instant;
    }
  | {
      readonly kind: 'offer-key';
      readonly enrolment: string;
      readonly codeHash: string;
      readonly jkt: string;
      readonly jwk: JsonObject;
      readonly proof: string;
      readonly now: Instant;
    }
  | {
      readonly kind: 'confirm-key';
      readonly enrolment: string;
      readonly jkt: string;
      readonly statement: string;
      readonly by: string;
      readonly now: Instant;
    }
  | {
      readonly kind: 'revoke-key';
      readonly by: ActingFor;
      readonly jkt: string;
      readonly reason: string;
    };

/**
 * Whether an erasure of the subject was approved: from then on none of its data is disclosed,
 * though its key may exist a moment longer.
 */
export function isBeingErased(state: SubjectState): boolean {
  const status = state.status === 'absent' ? null : latestErasure(state.erasing)?.status;
  return status === 'approved' || status === 'erased';
}

/**
 * Whether a phone's key acts for the subject: enrolled, not revoked, and the subject not being
 * erased.
 */
export const speaksFor = (state: SubjectState, jkt: string): boolean =>
  state.status !== 'absent' && state.keys.get(jkt)?.status === 'active' && !isBeingErased(state);

/**
 * Whether a grant by this key still counts: a phone's, as `speaksFor` says, or a passkey's whose
 * phone does.
 */
export function grantsFor(state: SubjectState, jkt: string): boolean {
  const passkey = state.status === 'absent' ? undefined : state.passkeys.get(jkt);
  return passkey === undefined
    ? speaksFor(state, jkt)
    : passkey.status === 'active' && speaksFor(state, passkey.phone);
}

export const subjectStream = (subject: string): string => `subject-${subject}`;

/** The rules of a subject: its identity, its numbers, and which phones' keys act for it. */
export const subjectDecider: Decider<SubjectCommand, SubjectState, SubjectEvent> = {
  initialState: { status: 'absent' },
  decide,
  evolve,
};

function decide(command: SubjectCommand, state: SubjectState): readonly SubjectEvent[] {
  if (isErasure(command)) return decideErasure(command, known(state).erasing);
  if (state.status === 'erased') throw subjectErased();
  switch (command.kind) {
    case 'add-identifier':
      return addIdentifier(command, state);
    case 'identify': {
      const { by, department, basis, now, adding } = command;
      const noted = adding ? addIdentifier(adding, state) : [];
      if (noted.length === 0) known(state);
      return [...noted, { type: 'SubjectIdentified', data: { by, department, basis, at: now } }];
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
      const caller = allowedCaller(command.by);
      const key = state.status === 'absent' ? undefined : state.keys.get(command.jkt);
      if (key === undefined)
        throw new PhoneKeyAbsent('phone_key_absent', 'no such phone is enrolled for the subject');
      if (key.status === 'revoked') return [];
      const { jkt, reason } = command;
      return [{ type: 'PhoneKeyRevoked', data: { jkt, caller, reason } }];
    }
    case 'enrol-passkey':
      return enrolPasskey(command, known(state));
    case 'revoke-passkey':
      return revokePasskey(command, known(state));
    default:
      throw new Unreachable(command);
  }
}

const isErasure = (command: SubjectCommand): command is ErasureCommand =>
  command.kind.endsWith('-erasure') || command.kind.endsWith('-hold');

type Asked<Kind extends SubjectCommand['kind']> = Extract<SubjectCommand, { kind: Kind }>;

function addIdentifier(
  { subject, identifier, identifierKind: kind, pepper }: Asked<'add-identifier'>,
  state: SubjectState,
): SubjectEvent[] {
  const added: SubjectEvent = { type: 'IdentifierAdded', data: { identifier, kind, pepper } };
  if (state.status === 'absent') return [{ type: 'SubjectNoted', data: { subject, kind } }, added];
  return state.identifiers.has(identifier) ? [] : [added];
}

/** @throws SubjectRefused where the department has not checked within the hour who it is */
export function checkIdentified(state: SubjectState, department: string, now: Instant): void {
  const checked = state.status === 'absent' ? undefined : state.checks.get(department);
  if (checked === undefined || plusSeconds(checked, IDENTITY_CHECK_HOLDS) <= now)
    throw new SubjectRefused(
      'subject_not_identified',
      'this department has not checked the identity of the person within the hour',
      { department },
      { hint: 'Check the document or the face and report it (POST /v1/subjects/identify) first.' },
    );
}

function openEnrolment(
  { enrolment, codeHash, by, department, now }: Asked<'open-enrolment'>,
  state: SubjectState,
): SubjectEvent[] {
  checkIdentified(state, department, now);
  const expires = plusSeconds(now, ENROLMENT_CODE_HOLDS);
  return [{ type: 'EnrolmentOpened', data: { enrolment, codeHash, expires, by, department } }];
}

function offerKey(command: Asked<'offer-key'>, state: SubjectState): SubjectEvent[] {
  const { enrolment: id, codeHash, jkt, jwk, proof, now } = command;
  const enrolment = state.status === 'absent' ? undefined : state.enrolments.get(id);
  if (state.status === 'absent' || enrolment?.codeHash !== codeHash) throw codeRefused();
  // The same phone retries after a lost response; another phone with the same code is a second use.
  if (enrolment.state !== 'opened') {
    if (enrolment.jkt === jkt) return [];
    throw codeRefused();
  }
  if (enrolment.expires <= now) throw codeRefused();
  if (isTaken(state, jkt)) throw new PhoneKeyConflict();
  const confirmBy = plusSeconds(now, ENROLMENT_CONFIRM_HOLDS);
  return [{ type: 'PhoneKeyOffered', data: { enrolment: id, jkt, jwk, proof, confirmBy } }];
}

function confirmKey(command: Asked<'confirm-key'>, state: SubjectState): SubjectEvent[] {
  const { enrolment: id, jkt, statement, by, now } = command;
  const enrolment = state.status === 'absent' ? undefined : state.enrolments.get(id);
  // Another terminal's enrolment is reported as absent, so that its existence is not revealed.
  if (state.status === 'absent' || enrolment?.by !== by) throw enrolmentAbsent();
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
      if (isTaken(state, jkt)) throw new PhoneKeyConflict();
      return [{ type: 'PhoneEnrolled', data: { enrolment: id, jkt, statement, by } }];
    default:
      throw new Unreachable(enrolment);
  }
}

function evolve(state: SubjectState, event: SubjectEvent): SubjectState {
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
      passkeys: new Map(),
      erasing: nothingErased,
    };
  }
  const before = begunBefore(state, event);
  switch (event.type) {
    case 'SubjectIdentified': {
      const { department, at } = event.data;
      return { ...before, status: 'identified', checks: withEntry(before.checks, department, at) };
    }
    case 'IdentifierAdded': {
      const { identifier, kind, pepper } = event.data;
      return {
        ...before,
        identifiers: withEntry(before.identifiers, identifier, { kind, pepper }),
      };
    }
    case 'SubjectsMerged':
      return { ...before, merged: new Set([...before.merged, event.data.from]) };
    case 'EnrolmentOpened': {
      const { enrolment, ...rest } = event.data;
      return withEnrolment(before, enrolment, { state: 'opened', ...rest });
    }
    case 'PhoneKeyOffered': {
      const { enrolment: id, jkt, jwk, confirmBy } = event.data;
      const opened = presentFor(before.enrolments.get(id), event);
      return withEnrolment(before, id, { ...opened, state: 'offered', jkt, jwk, confirmBy });
    }
    case 'PhoneEnrolled': {
      const { enrolment: id, jkt } = event.data;
      const offered = before.enrolments.get(id);
      if (offered?.state !== 'offered') throw new EventOutOfOrder(event);
      const key: PhoneKey = { status: 'active', jwk: offered.jwk, enrolment: id };
      return {
        ...withEnrolment(before, id, { ...offered, state: 'enrolled' }),
        keys: withEntry(before.keys, jkt, key),
      };
    }
    case 'PhoneKeyRevoked': {
      const { jkt } = event.data;
      const key = presentFor(before.keys.get(jkt), event);
      return { ...before, keys: withEntry(before.keys, jkt, { ...key, status: 'revoked' }) };
    }
    case 'PasskeyEnrolled':
    case 'PasskeyRevoked':
      return { ...before, passkeys: evolvePasskeys(before.passkeys, event) };
    case 'ErasureRequested':
    case 'ErasureWithdrawn':
    case 'ErasureApproved':
    case 'LegalHoldPlaced':
    case 'LegalHoldLifted':
      return { ...before, erasing: evolveErasure(before.erasing, event) };
    case 'SubjectErased':
      return {
        ...before,
        status: 'erased',
        identifiers: new Map(),
        checks: new Map(),
        merged: new Set(),
        enrolments: new Map(),
        keys: new Map(),
        passkeys: new Map(),
        erasing: evolveErasure(before.erasing, event),
      };
    default:
      throw new Unreachable(event);
  }
}

const withEntry = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value) =>
  new Map([...map, [key, value]]);

const withEnrolment = (state: Known, id: string, enrolment: Enrolment): Known => ({
  ...state,
  enrolments: withEntry(state.enrolments, id, enrolment),
});

function known(state: SubjectState): Known {
  if (state.status === 'absent')
    throw new SubjectRefused('subject_not_identified', 'the subject is not known yet');
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
