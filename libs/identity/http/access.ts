import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { CommandContext } from '#libs/event-store';
import { UnauthenticatedError } from '#libs/kernel';
import { ACCESS } from '#libs/platform';
import type { Caller, ClientCaller, PhoneCaller } from '../caller.js';
import type { Binding } from '../door/statement.js';
import type { Scope } from '../identity.events.js';
import type { Principal } from '../principal.js';

/**
 * The callers of a route. A route without one of these is refused at start, so that none is open by
 * mistake.
 */
export type Access =
  | { readonly for: 'client'; readonly scope: Scope }
  | { readonly for: 'phone' }
  | { readonly for: 'anyone' };

/** Clients whose token holds this scope. */
export const Requires = (scope: Scope) =>
  SetMetadata(ACCESS, { for: 'client', scope } satisfies Access);
export const BEFORE_SIGN_IN = 'before-sign-in';
/** Beside `Requires`: also for terminals for operators without a signed-in one. */
export const BeforeSignIn = () => SetMetadata(BEFORE_SIGN_IN, true);
/** Phones whose key was enrolled for a subject. */
export const ForPhones = () => SetMetadata(ACCESS, { for: 'phone' } satisfies Access);
/** By what a caller may go on with a request that stays open. */
export interface Standing {
  /** Seconds since 1970 at which its access token ends; null for a phone, which has none. */
  readonly ends: number | null;
  /**
   * The caller as its streams have it now, at most a second old.
   * @throws CallerNotProved, AccessRefused where it could not make the request any more
   */
  again(): Promise<Caller>;
  /** One of its streams has moved: `again` reads them anew. */
  forget(): void;
}

/** What the guards leave on a request for the controllers. */
export interface Called {
  caller?: Caller;
  standing?: Standing;
  /** Of phones' requests. */
  principal?: Principal;
  /** What its Idempotency-Key is bound to, where the access guard asked for it. */
  bound?: Binding;
  command?: CommandContext;
}

export class NotAuthenticated extends UnauthenticatedError<'caller_unknown'> {}

const called = (context: ExecutionContext) => context.switchToHttp().getRequest<Called>();

/** The checked client that calls. */
export const TheClient = createParamDecorator(
  (_: unknown, context: ExecutionContext): ClientCaller => {
    const { caller } = called(context);
    if (caller?.is !== 'client')
      throw new NotAuthenticated('caller_unknown', 'this route is for clients');
    return caller;
  },
);

/** How the caller stands, for as long as the request is open. */
export const TheStanding = createParamDecorator(
  (_: unknown, context: ExecutionContext): Standing => {
    const { standing } = called(context);
    if (standing === undefined)
      throw new NotAuthenticated('caller_unknown', 'this route is for authenticated callers');
    return standing;
  },
);

/** The authenticated phone: for its key, and for its subject. */
export const ThePhone = createParamDecorator(
  (_: unknown, context: ExecutionContext): PhoneCaller => {
    const { caller } = called(context);
    if (caller?.is !== 'phone')
      throw new NotAuthenticated('caller_unknown', 'this route is for phones');
    return caller;
  },
);

/** Whose data and consent a phone's request is about: books and subjects are looked up by it. */
export const ThePrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => {
    const { principal } = called(context);
    if (principal === undefined)
      throw new NotAuthenticated('caller_unknown', 'this route is for phones');
    return principal;
  },
);

/** Actor, Idempotency-Key, seed and time of the command that this request is. */
export const TheCommand = createParamDecorator(
  (_: unknown, context: ExecutionContext): CommandContext => {
    const { command } = called(context);
    if (command === undefined)
      throw new NotAuthenticated('caller_unknown', 'this request carries no command');
    return command;
  },
);
