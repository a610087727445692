/**
 * Each family is one way in which a request can fail, with its HTTP status in
 * libs/platform/problem.ts; contexts derive classes with literal codes, and callers switch on
 * `code`. `facts` name what failed, without a person's name, a number of a person or paper, or free
 * text that was entered.
 */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

export type Family =
  | 'invalid' // the request itself is wrong; sending it again changes nothing
  | 'unauthenticated' // the caller is not authenticated
  | 'refused' // the caller is known and not allowed to
  | 'absent' // there is no such thing, or none that the caller may know of
  | 'conflict' // the thing is in a state that does not allow this
  | 'too-large'
  | 'too-many' // a rate or a daily limit
  | 'unavailable' // try again later; nothing was done
  | 'internal'; // an invariant of the program is broken

export abstract class ProductError<Code extends string = string> extends Error {
  abstract readonly family: Family;

  /** `hint` says what to do; `facts` must be free of personal data. */
  constructor(
    readonly code: Code,
    message: string,
    readonly facts: Facts = {},
    options?: ErrorOptions & { hint?: string; retryAfterSeconds?: number },
  ) {
    super(message, options);
    this.name = new.target.name;
    this.hint = options?.hint;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

export abstract class InvalidError<C extends string = string> extends ProductError<C> {
  readonly family = 'invalid';
}
export abstract class UnauthenticatedError<C extends string = string> extends ProductError<C> {
  readonly family = 'unauthenticated';
}
export abstract class RefusedError<C extends string = string> extends ProductError<C> {
  readonly family = 'refused';
}
export abstract class AbsentError<C extends string = string> extends ProductError<C> {
  readonly family = 'absent';
}
export abstract class ConflictError<C extends string = string> extends ProductError<C> {
  readonly family = 'conflict';
}
export abstract class TooLargeError<C extends string = string> extends ProductError<C> {
  readonly family = 'too-large';
}
export abstract class TooManyError<C extends string = string> extends ProductError<C> {
  readonly family = 'too-many';
}
export abstract class UnavailableError<C extends string = string> extends ProductError<C> {
  readonly family = 'unavailable';
}
export abstract class InternalError<C extends string = string> extends ProductError<C> {
  readonly family = 'internal';
}

/** A branch that the types say cannot be reached was reached. */
export class Unreachable extends InternalError<'unreachable'> {
  constructor(what: never) {
    super('unreachable', 'a case that the types exclude was reached', { kind: typeof what });
  }
}
