import { isUnderWay, nextAsk } from './asking.ts';
import { type OpenCase, showsReleased } from './desk-state.ts';

/** What F4 does: one thing at a time. */
export type MainAction = 'ask' | 'ask-again' | 'take-back' | 'wait' | 'read-again' | 'none';

export function mainAction(place: OpenCase): MainAction {
  const { consent, found, ticked, hindrance } = place;
  if (consent !== null && isUnderWay(consent) && !isOver(hindrance))
    return consent.state === 'waiting' ? 'take-back' : 'wait';
  if (consent?.state === 'redeemed' && !showsReleased(place) && hindrance?.is !== 'used-elsewhere')
    return 'read-again';
  if (nextAsk(found, ticked) === null) return 'none';
  return consent?.state === 'expired' ? 'ask-again' : 'ask';
}

/** Whether a yes can become nothing more, although it stands. */
const isOver = (hindrance: OpenCase['hindrance']): boolean =>
  hindrance !== null && hindrance.is !== 'held' && hindrance.is !== 'lost';

/** Whether a yes is to be turned into data now. */
export const isToRelease = ({ consent, hindrance }: OpenCase): boolean =>
  consent?.state === 'granted' && !isOver(hindrance);

/**
 * Whether the page has to ask how the consent stands, because no event tells it: the time of a
 * request that waits is up, a yes is still to become data, or witnesses are waited for.
 */
export const isDue = ({ consent, hindrance }: OpenCase, now: number): boolean => {
  if (consent === null) return false;
  if (hindrance?.is === 'held') return hindrance.at !== null;
  if (consent.state === 'waiting') return now > Date.parse(consent.answerBy);
  return consent.state === 'granted';
};
