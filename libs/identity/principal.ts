import { RefusedError } from '#libs/kernel';
import type { PhoneCaller } from './caller.js';

/** People who act for themselves. */
export interface SelfPrincipal {
  readonly capacity: 'self';
  readonly subject: string;
}

/** Whose data and consent a phone's request is about. Mandates will be other members. */
export type Principal = SelfPrincipal;

/** For whom a phone's request is: decided here alone, and asked by the guard. */
export const principalOf = (caller: PhoneCaller): Principal => ({
  capacity: 'self',
  subject: caller.subject,
});

/**
 * The acting subject, whose key was verified, and the person it acts for: the input of deciders.
 */
export interface ActingFor {
  readonly caller: string;
  readonly principal: Principal;
}

/** The caller acts for another, and nothing allows it. */
export class MandateRefused extends RefusedError<'mandate_not_supported'> {}

/**
 * The caller whom an event names. Deciders ask it, so that no handler can append an answer in
 * another's stream. @throws MandateRefused
 */
export function allowedCaller({ caller, principal }: ActingFor): string {
  if (caller !== principal.subject)
    throw new MandateRefused(
      'mandate_not_supported',
      'the caller is not the principal, and mandates are not supported yet',
      {},
      { hint: 'The principal answers on a phone of their own, or brings the material.' },
    );
  return caller;
}
