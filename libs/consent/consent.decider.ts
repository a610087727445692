import { type Decider, type Instant, Unreachable } from '#libs/kernel';
import { actionNotOfCase } from './asks.js';
import { grant, refuse, withdraw, withdrawCase } from './answer-decisions.js';
import {
  answers,
  type Book,
  bookFromVersion,
  type Consent,
  consentIn,
  consentsIn,
  consentStatusOf,
  evolveBook,
} from './book.js';
import type { ConsentCommand } from './consent.commands.js';
import { consentAbsent, ConsentConflict, ConsentNotUsable } from './consent.errors.js';
import type { ConsentEvent, ConsentRequested } from './consent.events.js';
import { grantKeyOf } from './proof.js';
import { readAgain, redeem, releaseNothing, withhold } from './release-decisions.js';
import { checkTerminal, notUsable } from './usable.js';

/** Seconds that a holder has to answer. */
export const answerSeconds = 600;

/**
 * The book of one subject: every consent requested of it, the state of each, and every access to
 * its data.
 */
export const bookDecider: Decider<ConsentCommand, Book, ConsentEvent> = {
  initialState: bookFromVersion(0),
  evolve: evolveBook,

  decide(command, book) {
    switch (command.kind) {
      case 'request':
        return request(command, book);
      case 'grant':
        return grant(command, book);
      case 'refuse':
        return refuse(command, book);
      case 'withdraw':
        return withdraw(command, book);
      case 'withdraw-case':
        return withdrawCase(command, book);
      case 'withdraw-request':
        return withdrawRequest(command, book);
      case 'end-brought':
      case 'end-key':
        return end(command, book);
      case 'redeem':
        return redeem(command, book);
      case 'release-nothing':
        return releaseNothing(command, book);
      case 'withhold':
        return withhold(command.withheld, book);
      case 'read-again':
        return readAgain(command, book);
      default:
        throw new Unreachable(command);
    }
  },
};

function request(
  { request: wanted, permitted, now }: Extract<ConsentCommand, { kind: 'request' }>,
  book: Book,
): readonly ConsentEvent[] {
  if (wanted.action !== permitted) throw actionNotOfCase();
  if (wanted.basis !== 'consent')
    throw new ConsentNotUsable(
      'basis_not_supported',
      'data can only be asked for by the consent of the holder so far',
      { basis: wanted.basis },
      { hint: 'The material can be brought to the window.' },
    );
  if (wanted.asks.length === 0)
    throw new ConsentNotUsable('material_not_exemptible', 'nothing is asked for');
  if (consentIn(book, wanted.consent) !== null)
    throw new ConsentConflict('consent_already_requested', 'this consent was asked for before');
  for (const { material } of wanted.asks) {
    const state = askedAlready(book, wanted, material, now);
    if (state !== null) throw new ConsentConflict(state, 'it is asked for already', { material });
  }
  return [{ type: 'ConsentRequested', data: wanted }];
}

/**
 * A participant has one pending request at a time for a material of a case, and none after it was
 * answered. By role, not by holder: a window must not learn whether two numbers are one person.
 */
function askedAlready(
  book: Book,
  wanted: Pick<ConsentRequested['data'], 'case' | 'role'>,
  material: string,
  now: Instant,
) {
  for (const consent of consentsIn(book).values()) {
    const { request: asked } = consent;
    if (asked.case !== wanted.case || asked.role !== wanted.role) continue;
    if (!asked.asks.some((ask) => ask.material === material)) continue;
    const standing = consentStatusOf(consent, now);
    if (standing === 'waiting') return 'consent_already_waiting';
    if (standing === 'granted') return 'consent_already_granted';
    if (consent.status === 'redeemed' && answers(consent.redemption, material))
      return 'material_already_answered';
  }
  return null;
}

/** An unused grant ends, too: a smaller grant is always allowed. */
function withdrawRequest(
  command: Extract<ConsentCommand, { kind: 'withdraw-request' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = consentIn(book, command.consent);
  if (consent === null) throw consentAbsent();
  checkTerminal(consent, command.by, command.case);
  const standing = consentStatusOf(consent, command.now);
  if (standing === 'waiting' || standing === 'granted')
    return [
      {
        type: 'ConsentEnded',
        data: { consent: command.consent, reason: 'request_withdrawn' },
      },
    ];
  if (consent.status === 'ended' && consent.reason === 'request_withdrawn') return [];
  throw notUsable(standing === 'mismatched' ? 'refused' : standing, consent);
}

type Ending = Extract<ConsentCommand, { kind: 'end-brought' | 'end-key' }>;

function end(command: Ending, book: Book): readonly ConsentEvent[] {
  const reason = command.kind === 'end-key' ? 'phone_key_revoked' : 'material_brought';
  return [...consentsIn(book)]
    .filter(([, consent]) => isUnderWay(consent, command.now) && endedBy(command, consent))
    .map(([id]) => ({ type: 'ConsentEnded', data: { consent: id, reason } }));
}

/** Whether it can still lead to an answer, a release, or a second reading. */
function isUnderWay(consent: Consent, now: Instant): boolean {
  if (consent.status === 'redeemed') return now <= consent.redemption.readAgainUntil;
  const standing = consentStatusOf(consent, now);
  return standing === 'waiting' || standing === 'granted';
}

function endedBy(command: Ending, consent: Consent): boolean {
  if (command.kind === 'end-key') {
    if (consent.status !== 'granted' && consent.status !== 'redeemed') return false;
    const key = grantKeyOf(consent.grant.proof);
    return key !== null && command.jkts.includes(key);
  }
  if (consent.request.case !== command.case) return false;
  if (consent.status === 'redeemed') return answers(consent.redemption, command.material);
  return consent.request.asks.some(({ material }) => material === command.material);
}
