import { allowedCaller } from '#libs/identity';
import { plusSeconds, Unreachable } from '#libs/kernel';
import { signCountGrows, signCountOf } from '#libs/verify';
import { type Book, type Consent, consentsIn, consentStatusOf, foundIn } from './book.js';
import type { ConsentCommand } from './consent.commands.js';
import { ConsentConflict, ConsentNotUsable, GrantRefused } from './consent.errors.js';
import type { ConsentEvent, GrantProof, WebAuthnProof } from './consent.events.js';
import { notUsable } from './usable.js';

/** Seconds in which a terminal can redeem a granted consent. */
export const redeemSeconds = 600;

/** How often a holder may type the window's number: two guesses of a hundred. */
export const numberTries = 2;

/** How often the window's number can still be typed. */
export const triesLeft = (consent: Consent): number =>
  consent.status === 'requested' && consent.request.match !== null
    ? numberTries - consent.misses
    : 0;

export function grant(
  command: Extract<ConsentCommand, { kind: 'grant' }>,
  book: Book,
): readonly ConsentEvent[] {
  const caller = allowedCaller(command.by);
  const consent = foundIn(book, command.consent);
  const { signed, now, proof, match } = command;
  if (proof.method !== 'jws' && proof.method !== 'webauthn')
    throw new GrantRefused(
      'proof_not_supported',
      'a consent can only be granted by the key of an enrolled phone, or its passkey, so far',
      { method: proof.method },
    );
  if (signed.consent !== consent.request.consent || signed.case !== consent.request.case)
    throw new GrantRefused('grant_for_another_consent', 'what was signed is another consent');
  if (signed.noticeHash !== consent.request.notice.hash)
    throw new GrantRefused('grant_for_another_text', 'what was signed is not the text of this one');
  if (signed.capacity !== 'self')
    throw new GrantRefused(
      'capacity_not_supported',
      'only holders themselves can grant so far',
      { capacity: signed.capacity },
      { hint: 'The material can be brought to the window.' },
    );
  const standing = consentStatusOf(consent, now);
  switch (standing) {
    case 'waiting':
      if (match !== null && signed.digits === null)
        throw new GrantRefused(
          'number_missing',
          'the number that the window shows was not signed',
          {},
          { hint: 'Type the two digits that the window shows.' },
        );
      if (match === null && signed.digits !== null)
        throw new GrantRefused('number_not_asked', 'the window shows no number for this consent');
      if (match !== null && signed.digits !== match.digits)
        return [
          {
            type: 'NumberMismatched',
            data: { consent: command.consent, caller, ends: triesLeft(consent) <= 1 },
          },
        ];
      checkCount(proof, book);
      return [
        {
          type: 'ConsentGranted',
          data: {
            consent: command.consent,
            caller,
            capacity: signed.capacity,
            mandate: null,
            proof,
            match,
            redeemBy: plusSeconds(now, redeemSeconds),
          },
        },
      ];
    case 'granted':
      throw new ConsentConflict('consent_already_granted', 'the consent was granted before');
    default:
      throw notUsable(standing, consent);
  }
}

/**
 * A passkey's sign count grows from grant to grant of a book, or is always 0 (Web Authentication,
 * section 6.1.1). @throws GrantRefused
 */
function checkCount(proof: GrantProof, book: Book): void {
  if (proof.method !== 'webauthn') return;
  const before = [...consentsIn(book).values()]
    .map((consent) => ('grant' in consent ? consent.grant?.proof : undefined))
    .filter((one) => one?.method === 'webauthn' && one.jkt === proof.jkt)
    .map((one) => signCountOf(one as WebAuthnProof) ?? 0);
  if (!signCountGrows(Math.max(0, ...before), signCountOf(proof) ?? 0))
    throw new GrantRefused(
      'grant_counter_behind',
      'the counter of the passkey did not grow: it may have been copied',
      {},
      { hint: "Grant by the phone's own key; take the passkey back and add it anew." },
    );
}

export function refuse(
  { by, consent: id, now }: Extract<ConsentCommand, { kind: 'refuse' }>,
  book: Book,
): readonly ConsentEvent[] {
  const caller = allowedCaller(by);
  const consent = foundIn(book, id);
  const standing = consentStatusOf(consent, now);
  switch (standing) {
    case 'waiting':
      return [{ type: 'ConsentRefused', data: { consent: id, caller } }];
    case 'refused':
      return [];
    case 'granted':
      throw new ConsentConflict(
        'consent_already_granted',
        'the consent was granted before',
        {},
        { hint: 'Withdraw it instead.' },
      );
    default:
      throw notUsable(standing, consent);
  }
}

/**
 * A grant can be withdrawn until the data are released; afterwards a withdrawal ends reading again.
 * It has no deadline, because a smaller grant is always allowed.
 */
export function withdraw(
  { by, consent: id }: Extract<ConsentCommand, { kind: 'withdraw' }>,
  book: Book,
): readonly ConsentEvent[] {
  const caller = allowedCaller(by);
  const consent = foundIn(book, id);
  switch (consent.status) {
    case 'granted':
    case 'redeemed':
      return [{ type: 'ConsentWithdrawn', data: { consent: id, caller } }];
    case 'withdrawn':
      return [];
    case 'requested':
      throw new ConsentNotUsable(
        'consent_not_granted',
        'there is no grant to take back',
        {},
        {
          hint: 'Refuse it instead.',
        },
      );
    case 'refused':
    case 'mismatched':
    case 'withheld':
    case 'ended':
      throw notUsable(consent.status, consent);
    default:
      throw new Unreachable(consent);
  }
}

/** What was released stays so: the case is closed, and with that nothing is read again. */
export function withdrawCase(
  { by, case: id, now }: Extract<ConsentCommand, { kind: 'withdraw-case' }>,
  book: Book,
): readonly ConsentEvent[] {
  const caller = allowedCaller(by);
  return [...consentsIn(book)]
    .filter(([, { request }]) => request.case === id)
    .flatMap(([consent, found]): ConsentEvent[] => {
      switch (consentStatusOf(found, now)) {
        case 'waiting':
          return [{ type: 'ConsentRefused', data: { consent, caller } }];
        case 'granted':
          return [{ type: 'ConsentWithdrawn', data: { consent, caller } }];
        default:
          return [];
      }
    });
}
