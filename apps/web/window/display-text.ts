import { consentQrText } from '#libs/api-client';
import type { Shown, ShownState } from '../shared/display.ts';
import { consentStateOf } from './consent-word.ts';
import type { Place } from './desk-state.ts';
import type { Names } from './names.ts';

/**
 * What the holder's display shows of the desk: the request in the holder's words and its state.
 * Nothing here is of the reply, and the page keeps no number of anybody that it could show.
 */
export function shownOf(
  place: Place,
  at: Record<'department' | 'window' | 'origin', string>,
  names: Names,
): Shown {
  const { department, window } = at;
  const queueNumber = place.is === 'case' ? place.found.queueNumber : null;
  const idle = { is: 'idle', department, window, queueNumber } as const;
  // Who stands before the display is not who applied online.
  if (place.is !== 'case' || place.consent === null || place.found.origin === 'online') return idle;
  const { found, consent, hindrance } = place;
  const state = hindrance?.is === 'changed' ? 'withheld' : states[consentStateOf(consent)];
  if (state === undefined) return idle;
  const open = consent.state === 'waiting';
  return {
    is: 'request',
    department,
    window,
    queueNumber,
    matter: { zh: found.matterName, en: found.matterNameEn },
    asks: found.requirements
      .filter(({ material }) => consent.materials.includes(material))
      .map(({ material, nameZh, answers }) => ({
        ...names.material(material, nameZh),
        fields: answers
          .filter(({ whose }) => whose === consent.role)
          .slice(0, 1)
          .flatMap(({ type, fields }) => fields.map((key) => names.field(type, key))),
      })),
    number: open ? consent.number : null,
    qr: open && consent.number !== null ? consentQrText(`${at.origin}/phone`, consent) : null,
    answerBy: consent.answerBy,
    state,
  };
}

const states: Readonly<Record<string, ShownState>> = {
  waiting: 'waiting',
  granted: 'granted',
  redeemed: 'received',
  refused: 'refused',
  withdrawn: 'withdrawn',
  unanswered: 'expired',
  expired: 'expired',
  withheld: 'withheld',
};
