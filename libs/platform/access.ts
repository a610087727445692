import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { CommandContext } from '#libs/event-store';
import type { Caller, ClientCaller, PhoneCaller, Scope } from '#libs/identity';
import { UnauthenticatedError } from '#libs/kernel';

/** Who a route is for. A route without one of these is refused at start: there is no door that somebody forgot to lock. */
export type Access =
  | { readonly for: 'client'; readonly scope: Scope }
  | { readonly for: 'phone' }
  | { readonly for: 'anyone' };
export const ACCESS = 'mianzheng:access';

/** Clients whose token holds this scope. */
export const Requires = (scope: Scope) =>
  SetMetadata(ACCESS, { for: 'client', scope } satisfies Access);
/** Phones whose key was enrolled for a subject. */
export const ForPhones = () => SetMetadata(ACCESS, { for: 'phone' } satisfies Access);
/** Anybody: health, public keys, the redemption of an enrolment code (which proves itself). */
export const ForAnyone = () => SetMetadata(ACCESS, { for: 'anyone' } satisfies Access);

/** What the guards leave on a request for the controllers. */
export interface Called {
  caller?: Caller;
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

/** The checked phone that calls. */
export const ThePhone = createParamDecorator(
  (_: unknown, context: ExecutionContext): PhoneCaller => {
    const { caller } = called(context);
    if (caller?.is !== 'phone')
      throw new NotAuthenticated('caller_unknown', 'this route is for phones');
    return caller;
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
