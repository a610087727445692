/**
 * Errors are part of the product. Each family below is one way in which a request can end badly; a context derives one class per
 * subject from a family, with a union of literal codes. Callers switch on `code`; `facts` say what happened to what, and never hold
 * personal data: no name, no number of a person or paper, no free text that someone typed.
 * The mapping to HTTP stands in libs/platform/problem.ts and nowhere else.
 */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

export type Family =
  | 'invalid' // the request itself is wrong; sending it again changes nothing
  | 'unauthenticated' // who calls is not proved
  | 'refused' // who calls is known, and may not
  | 'absent' // there is no such thing, or none that the caller may know of
  | 'conflict' // the thing is in a state that does not allow this
  | 'too-large'
  | 'too-many' // a rate or a daily limit
  | 'unavailable' // try again later; nothing was done
  | 'internal'; // a promise of the program to itself is broken

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
