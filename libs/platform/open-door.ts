import { applyDecorators, SetMetadata } from '@nestjs/common';
import { openRoute, withRouteConfig } from './open-routes.js';

/** Metadata key of a route's access rule. */
export const ACCESS = 'mianzheng:access';

/**
 * Open to all callers: health, public keys, the catalogue's matters, the redemption of an enrolment
 * code (which is its own proof). Bodies are smaller, and requests are counted by address.
 */
export const ForAnyone = () =>
  applyDecorators(
    SetMetadata(ACCESS, { for: 'anyone' }),
    withRouteConfig(openRoute),
  ) as MethodDecorator;

/** A reply that is never complete, such as a stream of events: how long it took says nothing. */
export const StaysOpen = () => withRouteConfig({ staysOpen: true });

/**
 * Open to all callers, for files that are the same for every visitor and cheap to send: not counted
 * by address, since a hall's terminals and phones share one.
 */
export const ForPages = () => SetMetadata(ACCESS, { for: 'anyone' }) as MethodDecorator;
