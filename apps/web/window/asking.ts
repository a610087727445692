import type { Schemas } from '#libs/api-client';

export type Case = Schemas['CaseDto'];
export type Requirement = Schemas['RequirementDto'];
export type Consent = Schemas['WindowConsentDto'];

/** What F4 asks next. */
export interface NextAsk {
  readonly role: Case['participants'][number]['role'];
  readonly materials: readonly string[];
}

/** Materials for which a holder may be asked now: ticked from the start. */
export const askable = ({ requirements }: Case): readonly string[] =>
  requirements.filter(({ mayAsk }) => mayAsk).map(({ material }) => material);

type Part = Requirement['parts'][number];

/**
 * Of each participant in turn, the ticked materials that are still to be asked for: those who were
 * not asked yet before those who answered already.
 */
export function nextAsk(found: Case, ticked: readonly string[]): NextAsk | null {
  if (found.status !== 'open') return null;
  for (const asks of [isUnasked, mayBeAsked])
    for (const { role } of found.participants) {
      const materials = found.requirements
        .filter(({ material }) => ticked.includes(material))
        .filter(({ parts }) => parts.some((part) => part.whose === role && asks(part)))
        .map(({ material }) => material);
      if (materials.length > 0) return { role, materials };
    }
  return null;
}

const mayBeAsked = ({ mayAsk }: Part): boolean => mayAsk;
const isUnasked = ({ mayAsk, state }: Part): boolean => mayAsk && state === 'exemptible';

/** The consent that was asked for last, which the page goes on with. */
export const newestConsent = ({ consents }: Case): string | null =>
  consents.at(-1)?.consent ?? null;

/** Whether something is still to happen by itself. */
export const isUnderWay = ({ state }: Pick<Consent, 'state'>): boolean =>
  state === 'waiting' || state === 'granted';

/**
 * What stays ticked after a consent ended: whoever said no, or has none, is not asked again without
 * the clerk's choice; who only was too late is, and another participant who was not asked yet.
 */
export function tickedAfter(
  ticked: readonly string[],
  consent: Consent,
  { requirements }: Case,
): readonly string[] {
  if (isUnderWay(consent) || consent.state === 'expired') return ticked;
  const unasked = new Set(
    requirements.filter(({ parts }) => parts.some(isUnasked)).map(({ material }) => material),
  );
  return ticked.filter(
    (material) => !consent.materials.includes(material) || unasked.has(material),
  );
}

/** Whether an online case can go back to its department's board: nothing of it is in hand here. */
export const canGiveBack = (
  { origin, status, consents, requirements }: Case,
  consent: Pick<Consent, 'state'> | null,
): boolean =>
  origin === 'online' &&
  status === 'open' &&
  ![...consents, ...(consent === null ? [] : [consent])].some(
    (one) => isUnderWay(one) || one.state === 'redeemed',
  ) &&
  !requirements.some(({ state }) => state === 'answered' || state === 'brought');

/** Materials that a release answered, of how many, and those that still have to be brought. */
export const countOf = ({ answered, requirements }: Pick<Case, 'answered' | 'requirements'>) => ({
  answered,
  of: requirements.length,
  bring: requirements.filter(({ state }) => state === 'to-be-brought').length,
});

type PaperReason = Schemas['BringMaterialDto']['reason'];

/** Reasons of the paper's note, the likeliest first. */
export const paperReasons: readonly PaperReason[] = [
  'no_rule',
  'no_phone',
  'refused',
  'not_answered',
  'holder_has_none',
  'certificate_not_valid',
  'holder_prefers_paper',
];

/** The reason that the state of the material suggests; the clerk may take another. */
export function suggestedReason({ reason }: Pick<Requirement, 'reason'>): PaperReason {
  switch (reason) {
    case 'no_rule':
    case 'no_participant':
      return 'no_rule';
    case 'consent_refused':
    case 'consent_withdrawn':
      return 'refused';
    case 'consent_expired':
      return 'not_answered';
    case 'holder_has_none':
    case 'fields_absent':
      return 'holder_has_none';
    case null:
      return 'holder_prefers_paper';
    default:
      return 'certificate_not_valid';
  }
}

/** Materials whose paper can be noted. */
export const paperable = ({ requirements, status }: Case): readonly Requirement[] =>
  status === 'open'
    ? requirements.filter(({ state }) => state !== 'answered' && state !== 'brought')
    : [];
