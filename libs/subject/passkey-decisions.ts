import { type ActingFor, allowedCaller, type HolderPasskey } from '#libs/identity';
import { presentFor, Unreachable } from '#libs/kernel';
import {
  PasskeyAbsent,
  PasskeyConflict,
  PhoneKeyAbsent,
  PhoneKeyConflict,
} from './subject.errors.js';
import type { PasskeyEnrolled, PasskeyRevoked, SubjectEvent } from './subject.events.js';

/** Passkeys of one phone at a time: the phone's own, and a security key or two. */
export const PASSKEYS_OF_A_PHONE = 4;

export interface Passkey extends Omit<HolderPasskey, 'jkt'> {
  readonly status: 'active' | 'revoked';
  /** Thumbprint of the phone's key beside which it was made. */
  readonly phone: string;
  readonly statement: string;
}

type Passkeys = ReadonlyMap<string, Passkey>;

/** What a subject's state says of keys, by their thumbprints. */
interface KeysOfSubject {
  readonly keys: ReadonlyMap<string, { readonly status: 'active' | 'revoked' }>;
  readonly passkeys: Passkeys;
}

export type PasskeyCommand =
  | {
      /** The answer of the authenticator and the phone's statement were verified before. */
      readonly kind: 'enrol-passkey';
      readonly phone: string;
      readonly passkey: HolderPasskey;
      readonly statement: string;
    }
  | {
      readonly kind: 'revoke-passkey';
      readonly by: ActingFor;
      readonly jkt: string;
      readonly reason: string;
    };

/** Whether a key is, or was, a phone's or a passkey's of the subject. */
export const isTaken = ({ keys, passkeys }: KeysOfSubject, jkt: string): boolean =>
  keys.has(jkt) || passkeys.has(jkt);

/** The passkeys in use of one phone. */
export const passkeysOf = (
  { passkeys }: KeysOfSubject,
  phone: string,
): readonly (Passkey & Pick<HolderPasskey, 'jkt'>)[] =>
  Array.from(passkeys, ([jkt, passkey]) => ({ jkt, ...passkey })).filter(
    (passkey) => passkey.phone === phone && passkey.status === 'active',
  );

export function enrolPasskey(
  { phone, passkey, statement }: Extract<PasskeyCommand, { kind: 'enrol-passkey' }>,
  state: KeysOfSubject,
): readonly SubjectEvent[] {
  if (state.keys.get(phone)?.status !== 'active')
    throw new PhoneKeyAbsent('phone_key_absent', 'no such phone is enrolled for the subject');
  const { jkt } = passkey;
  // A retry after a lost response.
  if (state.passkeys.get(jkt)?.statement === statement) return [];
  if (isTaken(state, jkt)) throw new PhoneKeyConflict();
  if (passkeysOf(state, phone).length >= PASSKEYS_OF_A_PHONE)
    throw new PasskeyConflict(
      'passkeys_too_many',
      'the phone has as many passkeys as it may have',
      { most: PASSKEYS_OF_A_PHONE },
      { hint: 'Take one back first.' },
    );
  return [{ type: 'PasskeyEnrolled', data: { ...passkey, phone, statement } }];
}

export function revokePasskey(
  { by, jkt, reason }: Extract<PasskeyCommand, { kind: 'revoke-passkey' }>,
  { passkeys }: KeysOfSubject,
): readonly SubjectEvent[] {
  const caller = allowedCaller(by);
  const passkey = passkeys.get(jkt);
  if (passkey === undefined)
    throw new PasskeyAbsent('passkey_absent', 'the subject has no such passkey');
  if (passkey.status === 'revoked') return [];
  return [{ type: 'PasskeyRevoked', data: { jkt, caller, reason } }];
}

export function evolvePasskeys(
  passkeys: Passkeys,
  event: PasskeyEnrolled | PasskeyRevoked,
): Passkeys {
  switch (event.type) {
    case 'PasskeyEnrolled': {
      const { jkt, ...passkey } = event.data;
      return new Map([...passkeys, [jkt, { ...passkey, status: 'active' }]]);
    }
    case 'PasskeyRevoked': {
      const { jkt } = event.data;
      const passkey = presentFor(passkeys.get(jkt), event);
      return new Map([...passkeys, [jkt, { ...passkey, status: 'revoked' }]]);
    }
    default:
      throw new Unreachable(event);
  }
}
