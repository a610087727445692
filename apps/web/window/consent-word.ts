import type { Consent } from './asking.ts';
import type { Hindrance } from './desk-state.ts';

/** A key of `told`, the panel's sentences; null where the panel has nothing to explain. */
export type Told =
  | 'refused'
  | 'unanswered'
  | 'withdrawn'
  | 'withheld'
  | 'expired'
  | 'ended'
  | 'taken-back'
  | 'elsewhere'
  | 'lost'
  | 'nothing'
  | 'held';

/** `expired` is two things to a clerk: no answer, or an answer that was not used in time. */
export const consentStateOf = ({ state, redeemBy }: Consent): string =>
  state === 'expired' && redeemBy === null ? 'unanswered' : state;

/** What the panel's chip shows: what was in the way counts more than what the ledger says. */
export function chipOf(consent: Consent, told: Told | null): string {
  switch (told) {
    case 'held':
    case 'lost':
      return 'granted';
    case 'withheld':
    case 'nothing':
      return 'withheld';
    case 'elsewhere':
      return 'ended';
    default:
      return consentStateOf(consent);
  }
}

/** What the panel explains, of the consent and of what was in the way. */
export function toldOf(consent: Consent, hindrance: Hindrance | null): Told | null {
  switch (hindrance?.is) {
    case 'held':
      return 'held';
    case 'used-elsewhere':
      return 'elsewhere';
    case 'changed':
      return 'withheld';
    case 'lost':
      return 'lost';
    case 'nothing':
      return 'nothing';
    case 'refused':
    case undefined:
      break;
  }
  if (consent.endReason === 'request_withdrawn') return 'taken-back';
  const state = consentStateOf(consent);
  switch (state) {
    case 'refused':
    case 'unanswered':
    case 'withdrawn':
    case 'withheld':
    case 'expired':
    case 'ended':
      return state;
    default:
      return null;
  }
}
