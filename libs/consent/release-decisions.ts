import { canonicalize, plusSeconds } from '#libs/kernel';
import { type Book, foundIn } from './book.js';
import type { ConsentCommand } from './consent.commands.js';
import { ConsentNotUsable } from './consent.errors.js';
import type { ConsentEvent, ReleaseWithheld } from './consent.events.js';
import { checkAction, checkReadableAgain, checkRedeemable } from './usable.js';

/** Seconds after a redemption within which the same terminal may read the same data again. */
export const readAgainSeconds = 1800;

/**
 * How often a terminal learns by one consent that nothing can be released: a clerk may retry, and
 * no window can watch a holder's papers.
 */
export const toldNothingAtMost = 3;

export function releaseNothing(
  { by, case: atCase, again, nothing, now }: Extract<ConsentCommand, { kind: 'release-nothing' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = foundIn(book, nothing.consent);
  const caller = { by, case: atCase, now };
  let reading = 0;
  if (again) {
    checkReadableAgain(consent, caller);
    reading = consent.readings + 1;
  } else checkRedeemable(consent, caller);
  const ends = consent.toldNothing + 1 >= toldNothingAtMost;
  return [{ type: 'NothingReleased', data: { ...nothing, reading, ends } }];
}

export function redeem(
  { by, allowed, action: wanted, redemption, now }: Extract<ConsentCommand, { kind: 'redeem' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = foundIn(book, redemption.consent);
  checkRedeemable(consent, { by, case: redemption.case, now });
  checkAction(consent, wanted);
  const { asks, action, basis } = consent.request;
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
      data: {
        ...redemption,
        action,
        basis,
        readAgainUntil: plusSeconds(now, readAgainSeconds),
      },
    },
  ];
}

/** A release, made or pending, is withheld once. */
export function withhold(withheld: ReleaseWithheld['data'], book: Book): readonly ConsentEvent[] {
  const consent = foundIn(book, withheld.consent);
  if ('withheld' in consent && consent.withheld.includes(withheld.reading)) return [];
  if (
    !('withheld' in consent) ||
    consent.redemption === null ||
    withheld.reading > consent.readings
  )
    throw new ConsentNotUsable('consent_not_redeemed', 'nothing was released by it yet');
  return [{ type: 'ReleaseWithheld', data: withheld }];
}

export function readAgain(
  { by, reading, case: atCase, now }: Extract<ConsentCommand, { kind: 'read-again' }>,
  book: Book,
): readonly ConsentEvent[] {
  const consent = foundIn(book, reading.consent);
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
