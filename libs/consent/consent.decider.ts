import { sha256 } from '@noble/hashes/sha2.js';
import {
  base64url,
  canonicalize,
  type Decider,
  type Instant,
  plusSeconds,
  Unreachable,
  utf8Bytes,
} from '#libs/kernel';
import { type Book, type Consent, consentIn, consentsIn, standingOf } from './book.js';
import {
  ConsentAbsent,
  ConsentConflict,
  ConsentNotUsable,
  GrantRefused,
} from './consent.errors.js';
import type {
  Ask,
  Capacity,
  ConsentEvent,
  ConsentRedeemed,
  ConsentRequested,
  GrantProof,
  ReleaseReadAgain,
  ReleaseWithheld,
} from './consent.events.js';

/** Seconds that a holder has to answer, and a terminal to redeem what was granted. */
export const answerSeconds = 600;
export const redeemSeconds = 600;
/** Seconds after a redemption within which the same terminal may read the same again. */
export const readAgainSeconds = 1800;

/**
 * The stream of a subject's book. Not named after the subject: the name leaves with a release (it says where the record is), the
 * subject's id does not.
 */
export const bookOf = (subject: string): string =>
  `book-${base64url(sha256(utf8Bytes(`book\0${subject}`)).subarray(0, 16))}`;

/** The terminal that calls, as the guards proved it. */
export interface AtTerminal {
  readonly client: string;
  readonly jkt: string;
}

export type ConsentCommand =
  | { readonly kind: 'request'; readonly request: ConsentRequested['data']; readonly now: Instant }
  | {
      readonly kind: 'grant';
      readonly consent: string;
      readonly signed: {
        readonly consent: string;
        readonly case: string;
        readonly noticeHash: string;
        readonly capacity: Capacity;
      };
      readonly proof: GrantProof;
      readonly now: Instant;
    }
  | { readonly kind: 'refuse'; readonly consent: string; readonly now: Instant }
  | { readonly kind: 'withdraw'; readonly consent: string }
  | {
      readonly kind: 'redeem';
      readonly by: AtTerminal;
      /** What the rules recorded in the case allow to ask of this participant, derived anew. */
      readonly allowed: readonly Ask[];
      readonly redemption: Omit<ConsentRedeemed['data'], 'readAgainUntil'>;
      readonly now: Instant;
    }
  | { readonly kind: 'withhold'; readonly withheld: ReleaseWithheld['data'] }
  | {
      readonly kind: 'read-again';
      readonly by: AtTerminal;
      readonly reading: Pick<ReleaseReadAgain['data'], 'consent' | 'commitment' | 'place'>;
      readonly case: string;
      readonly now: Instant;
    };

/** The book of one subject: every consent asked of it, what became of each, and every use of its data. */
export const bookDecider: Decider<ConsentCommand, Book, ConsentEvent> = {
  initialState: null,
  evolve: (before, last) => ({ last, before }),

  decide(command, book) {
    switch (command.kind) {
      case 'request':
        return request(command.request, command.now, book);
      case 'grant':
        return grant(command, book);
      case 'refuse':
        return refuse(command.consent, command.now, book);
      case 'withdraw':
        return withdraw(command.consent, book);
      case 'redeem':
        return redeem(command, book);
      case 'withhold':
        return [{ type: 'ReleaseWithheld', data: command.withheld }];
      case 'read-again':
        return readAgain(command, book);
      default:
        throw new Unreachable(command);
    }
  },
};

export const consentAbsent = () => new ConsentAbsent('consent_absent', 'there is no such consent');

function found(book: Book, id: string): Consent {
  const consent = consentIn(book, id);
  if (consent === null) throw consentAbsent();
  return consent;
}

function request(
  wanted: ConsentRequested['data'],
  now: Instant,
  book: Book,
): readonly ConsentEvent[] {
  if (wanted.asks.length === 0)
    throw new ConsentNotUsable('material_not_exemptible', 'nothing is asked for');
  if (consentIn(book, wanted.consent) !== null)
    throw new ConsentConflict('consent_already_requested', 'this consent was asked for before');
  for (const { material } of wanted.asks) {
    const state = askedAlready(book, wanted.case, material, now);
    if (state !== null) throw new ConsentConflict(state, 'it is asked for already', { material });
  }
  return [{ type: 'ConsentRequested', data: wanted }];
}

/** A holder is asked for a material of a case once at a time, and not again when it was answered. */
function askedAlready(book: Book, atCase: string, material: string, now: Instant) {
  for (const consent of consentsIn(book).values()) {
    const { request: asked } = consent;
    if (asked.case !== atCase || !asked.asks.some((ask) => ask.material === material)) continue;
    const standing = standingOf(consent, now);
    if (standing === 'waiting') return 'consent_already_waiting';
    if (standing === 'granted') return 'consent_already_granted';
    if (consent.status === 'redeemed' && answers(consent.redemption, material))
      return 'material_already_answered';
  }
  return null;
}

/** Whether a redemption answered the material. */
export const answers = (redemption: ConsentRedeemed['data'], material: string): boolean =>
  redemption.read.some((read) => read.material === material);

function grant(
  command: Extract<ConsentCommand, { kind: 'grant' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = found(book, command.consent);
  const { signed, now, proof } = command;
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
  const standing = standingOf(consent, now);
  switch (standing) {
    case 'waiting':
      return [
        {
          type: 'ConsentGranted',
          data: {
            consent: command.consent,
            capacity: signed.capacity,
            mandate: null,
            proof,
            redeemBy: plusSeconds(now, redeemSeconds),
          },
        },
      ];
    case 'granted':
      throw new ConsentConflict('consent_already_granted', 'the consent was granted before');
    default:
      throw notUsable(standing);
  }
}

function refuse(id: string, now: Instant, book: Book): readonly ConsentEvent[] {
  const standing = standingOf(found(book, id), now);
  switch (standing) {
    case 'waiting':
      return [{ type: 'ConsentRefused', data: { consent: id } }];
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
      throw notUsable(standing);
  }
}

/** A grant can be taken back until the data are handed over; afterwards it ends reading again. Time does not matter: less is always allowed. */
function withdraw(id: string, book: Book): readonly ConsentEvent[] {
  const consent = found(book, id);
  switch (consent.status) {
    case 'granted':
    case 'redeemed':
      return [{ type: 'ConsentWithdrawn', data: { consent: id } }];
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
      throw notUsable('refused');
    case 'withheld':
      throw notUsable('withheld');
    default:
      throw new Unreachable(consent);
  }
}

function redeem(
  { by, allowed, redemption, now }: Extract<ConsentCommand, { kind: 'redeem' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = found(book, redemption.consent);
  checkRedeemable(consent, { by, case: redemption.case, now });
  const { asks } = consent.request;
  if (canonicalize(asks) !== canonicalize(allowed))
    throw new ConsentNotUsable(
      'ask_beyond_rule',
      'the rule of the case does not name what was asked',
    );
  if (redemption.read.length === 0)
    throw new ConsentNotUsable('nothing_to_release', 'none of the materials can be answered');
  for (const { material, type, fields } of redemption.read) {
    const answer = asks
      .find((ask) => ask.material === material)
      ?.answers.find((each) => each.type === type);
    if (answer === undefined || !fields.every((field) => answer.fields.includes(field)))
      throw new ConsentNotUsable('fields_beyond_consent', 'more was read than the holder granted');
  }
  return [
    {
      type: 'ConsentRedeemed',
      data: { ...redemption, readAgainUntil: plusSeconds(now, readAgainSeconds) },
    },
  ];
}

/** Whether the terminal may redeem the consent for the case now. @throws ConsentNotUsable */
export function checkRedeemable(
  consent: Consent,
  caller: { readonly by: AtTerminal; readonly case: string; readonly now: Instant },
): asserts consent is Extract<Consent, { status: 'granted' }> {
  checkTerminal(consent, caller.by, caller.case);
  const standing = standingOf(consent, caller.now);
  if (standing === 'waiting')
    throw new ConsentNotUsable('consent_not_granted', 'the holder has not granted it');
  if (standing !== 'granted') throw notUsable(standing);
}

function checkTerminal({ request: asked }: Consent, by: AtTerminal, atCase: string): void {
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
    case 'refused':
      throw notUsable(consent.status);
    case 'requested':
    case 'granted':
      throw new ConsentNotUsable('consent_not_redeemed', 'nothing was released by it yet');
    default:
      throw new Unreachable(consent);
  }
}

function readAgain(
  { by, reading, case: atCase, now }: Extract<ConsentCommand, { kind: 'read-again' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = found(book, reading.consent);
  checkReadableAgain(consent, { by, case: atCase, now });
  return [
    {
      type: 'ReleaseReadAgain',
      data: {
        ...reading,
        used: consent.redemption.read.map(({ material, certificate, type }) => ({
          material,
          certificate,
          type,
        })),
        reading: consent.readings + 1,
      },
    },
  ];
}

/** The refusal for a consent that stands in none of the ways that would allow it. */
export function notUsable(
  standing: 'refused' | 'withdrawn' | 'redeemed' | 'withheld' | 'expired',
): ConsentNotUsable {
  switch (standing) {
    case 'refused':
      return new ConsentNotUsable('consent_refused', 'the holder refused it');
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
