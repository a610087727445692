import type { AuthorityOf, ClientKind, Scope, SignIn } from './identity.events.js';
import type { OperatorRole } from './operators/operators.events.js';

/**
 * A client whose access token and DPoP proof were checked. `jkt` is the RFC 7638 thumbprint of the
 * key that signed the proof.
 */
export interface ClientCaller {
  readonly is: 'client';
  readonly client: string;
  readonly kind: ClientKind;
  readonly name: string;
  readonly department: string;
  readonly window: string | null;
  readonly town: string | null;
  readonly authority: AuthorityOf | null;
  readonly scopes: ReadonlySet<Scope>;
  readonly jkt: string;
  /** The signed-in operator; absent where the client acts by itself. */
  readonly operator?: SignedInOperator;
}

/** A person of staff who is signed in; `operator` is the id that records name. */
export interface SignedInOperator {
  readonly operator: string;
  readonly roles: readonly OperatorRole[];
  /** Credential id of the passkey that signed in; null where an account elsewhere did. */
  readonly passkey: string | null;
}

/**
 * A phone, authenticated by a DPoP proof of a key that a department enrolled for the acting
 * subject. The person whose data its request is about is the `Principal`.
 */
export interface PhoneCaller {
  readonly is: 'phone';
  readonly subject: string;
  readonly jkt: string;
}

export type Caller = ClientCaller | PhoneCaller;

/**
 * What the register knows of a client now, read from its stream: keys in use, whether it is
 * enabled.
 */
export interface RegisteredClient extends Omit<ClientCaller, 'is' | 'jkt' | 'scopes' | 'operator'> {
  readonly scopes: readonly Scope[];
  readonly keys: readonly {
    readonly kid: string;
    readonly alg: 'EdDSA' | 'ES256';
    readonly jwk: Readonly<Record<string, unknown>>;
  }[];
  readonly enabled: boolean;
  readonly signIn: SignIn;
}

/** What this process knows by a stream, which may be out of date, and how much of it. */
export interface KnownBy<Value> {
  readonly value: Value;
  readonly stream: string;
  readonly records: number;
}

/**
 * The registered clients. Must answer from the client's own stream (at most a second old), so that
 * disabling takes effect.
 */
export abstract class ClientDirectory {
  abstract find(client: string): Promise<RegisteredClient | null>;
  /**
   * As read last, however long ago: for who asks for the stream's head besides. Null where that is
   * not told.
   */
  lastKnown?(client: string): Promise<KnownBy<RegisteredClient | null> | null>;
  /** Reads the stream again at the next asking. */
  abstract forget(client: string): void;
}

/** What a holder is asked, or asked about, again and again: each is limited by itself. */
export type Question = 'consent' | 'identify';

/**
 * The distinct holders that a window or a department has asked about today (Asia/Shanghai). `count`
 * must be atomic across processes: a holder counted before today does not count again; past the
 * limit it throws `DailyLimitReached` and counts nothing.
 */
export abstract class DailyHolders {
  abstract count(caller: ClientCaller, holders: readonly string[], now: string): Promise<void>;
  /**
   * Throws what `count` would throw now, without counting: for requests that may yet be refused on
   * other grounds.
   */
  abstract check(caller: ClientCaller, holders: readonly string[], now: string): Promise<void>;
  /**
   * Counts a question about one holder at the caller's window; the same command counts once.
   * @throws QuestionLimitReached past the limit of an hour
   */
  abstract question(
    caller: ClientCaller,
    about: Question,
    holder: string,
    command: { readonly idempotencyKey: string; readonly now: string },
  ): Promise<void>;
}

/**
 * Which subject a phone's key was enrolled for; null where none, or where the enrolment was
 * revoked. Read from the subject's stream.
 */
export abstract class PhoneKeys {
  abstract subjectOf(
    jkt: string,
  ): Promise<{ subject: string; jwk: Readonly<Record<string, unknown>> } | null>;

  /**
   * The subject as read last, however long ago: for who asks for the stream's head besides. Null
   * where this process knows none whose key it is.
   */
  lastKnown?(jkt: string): Promise<KnownBy<string> | null>;
}

/**
 * One-time values across processes: true the first time (per purpose and value), false after; kept
 * until `expires`.
 */
export abstract class ReplayMemory {
  abstract firstUse(purpose: string, value: string, expires: string): Promise<boolean>;
}
