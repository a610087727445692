import { type Instant, Unreachable } from '#libs/kernel';
import { type Consent, type ConsentStatus, statusAtWindow } from './book.js';
import { ConsentNotUsable } from './consent.errors.js';
import type { Action, MissingMaterial } from './consent.events.js';

/** The calling terminal, as the guards authenticated it. */
export interface AtTerminal {
  readonly client: string;
  readonly jkt: string;
}

/** Whether the terminal may redeem the consent for the case now. @throws ConsentNotUsable */
export function checkRedeemable(
  consent: Consent,
  caller: { readonly by: AtTerminal; readonly case: string; readonly now: Instant },
): asserts consent is Extract<Consent, { status: 'granted' }> {
  checkTerminal(consent, caller.by, caller.case);
  const standing = statusAtWindow(consent, caller.now);
  if (standing === 'waiting')
    throw new ConsentNotUsable('consent_not_granted', 'the holder has not granted it');
  if (standing !== 'granted') throw notUsable(standing, consent);
}

/** A consent to be read serves no print, and the other way round. @throws ConsentNotUsable */
export function checkAction({ request }: Consent, wanted: Action): void {
  if (request.action !== wanted)
    throw new ConsentNotUsable(
      'consent_for_other_action',
      'the holder agreed to another use of the data',
      { granted: request.action, wanted },
      { hint: 'Say with the release what was asked for: read or print.' },
    );
}

/** Whether the terminal is the requesting one, for this case. @throws ConsentNotUsable */
export function checkTerminal({ request: asked }: Consent, by: AtTerminal, atCase: string): void {
  if (asked.case !== atCase)
    throw new ConsentNotUsable('consent_of_another_case', 'the consent is for another case');
  if (asked.terminal !== by.client || asked.terminalKey !== by.jkt)
    throw new ConsentNotUsable(
      'consent_of_another_terminal',
      'the consent was asked for by another terminal, or under another key of it',
    );
}

/** Whether the terminal may read again what the consent released to it. @throws ConsentNotUsable */
export function checkReadableAgain(
  consent: Consent,
  caller: { readonly by: AtTerminal; readonly case: string; readonly now: Instant },
): asserts consent is Extract<Consent, { status: 'redeemed' }> {
  checkTerminal(consent, caller.by, caller.case);
  switch (consent.status) {
    case 'redeemed':
      if (caller.now > consent.redemption.readAgainUntil)
        throw new ConsentNotUsable('reading_again_over', 'it can no longer be read again');
      return;
    case 'withdrawn':
    case 'withheld':
    case 'ended':
    case 'refused':
      throw notUsable(consent.status, consent);
    case 'mismatched':
      throw notUsable('refused');
    case 'requested':
    case 'granted':
      throw new ConsentNotUsable('consent_not_redeemed', 'nothing was released by it yet');
    default:
      throw new Unreachable(consent);
  }
}

/** The refusal for a consent in a state that does not permit the use. */
export function notUsable(
  standing: Exclude<ConsentStatus, 'waiting' | 'granted'>,
  consent: Consent | null = null,
): ConsentNotUsable {
  switch (standing) {
    case 'ended':
      return consent?.status === 'ended'
        ? consentEnded(consent.reason, consent.missing)
        : consentEnded();
    case 'refused':
      return new ConsentNotUsable('consent_refused', 'the holder did not agree');
    case 'mismatched':
      return new ConsentNotUsable(
        'number_mismatched_twice',
        'the number typed was wrong twice, and the request is closed',
        {},
        { hint: 'Ask the clerk to send the request again, or bring the paper.' },
      );
    case 'withdrawn':
      return new ConsentNotUsable('consent_withdrawn', 'the holder took it back');
    case 'expired':
      return new ConsentNotUsable(
        'consent_expired',
        'its time is over',
        {},
        {
          hint: 'Ask the holder again.',
        },
      );
    case 'redeemed':
      return new ConsentNotUsable(
        'consent_spent',
        'the consent was used, and counts once',
        {},
        {
          hint: 'While the case is open, its terminal can read the same again for 30 minutes.',
        },
      );
    case 'withheld':
      return new ConsentNotUsable(
        'release_withheld',
        'the release was withheld: something had moved',
        {},
        { hint: 'Ask the holder again.' },
      );
    default:
      throw new Unreachable(standing);
  }
}

/**
 * The refusal for a consent that ended without the holder's answer. @param reason where it is known
 */
export const consentEnded = (
  reason?: Extract<Consent, { status: 'ended' }>['reason'],
  missing: readonly MissingMaterial[] = [],
): ConsentNotUsable =>
  new ConsentNotUsable(
    'consent_ended',
    'the consent came to its end',
    {
      ...(reason !== undefined && { reason }),
      ...(missing.length > 0 && {
        missing: missing.map((each) => `${each.material}: ${each.reason}`),
      }),
    },
    { hint: 'Look at the case again; what was not brought can be asked for again.' },
  );
