import type { Answer } from '#libs/catalogue';
import {
  answers,
  type Book,
  type Consent,
  consentsIn,
  type MissingReason,
  standingOf,
} from '#libs/consent';
import type { Instant } from '#libs/kernel';
import type { CaseNow } from './ports.js';

export const requirementStates = [
  'exemptible',
  'waiting',
  'granted',
  'answered',
  'to-be-brought',
  'brought',
] as const;
export type RequirementState = (typeof requirementStates)[number];

/** Why a material has to be brought (or asked for again). Those that tell something of the holder follow only from a grant or a no. */
export type RequirementReason =
  | 'no_rule'
  | 'no_participant'
  | 'consent_refused'
  | 'consent_expired'
  | 'consent_withdrawn'
  | 'release_withheld'
  | MissingReason;

export interface Requirement {
  readonly material: string;
  readonly nameZh: string;
  readonly state: RequirementState;
  readonly reason: RequirementReason | null;
  /** What would answer it: any one of these, by the rules recorded in the case. */
  readonly answers: readonly Answer[];
  /** The consent that its state follows from. */
  readonly consent: string | null;
  /** Whether a holder may be asked for it now. */
  readonly mayAsk: boolean;
}

/**
 * Each material of a case, how it stands and why: from the case, and from the books of its participants.
 * Before a yes nothing here depends on who the participants are or what they have.
 */
export function requirementsOf(
  found: Pick<CaseNow, 'opened' | 'status' | 'brought'>,
  books: readonly Book[],
  now: Instant,
): readonly Requirement[] {
  const roles = new Set(found.opened.participants.map(({ role }) => role));
  const consents = books
    .flatMap((book) => [...consentsIn(book).values()])
    .filter(({ request }) => request.case === found.opened.case);
  return found.opened.materials.map((rule): Requirement => {
    const { material, nameZh } = rule;
    const possible = rule.answers.filter(({ fields }) => fields.length > 0);
    const forMaterial = consents.filter(({ request }) =>
      request.asks.some((ask) => ask.material === material),
    );
    const standing = found.brought.includes(material)
      ? ({ state: 'brought', reason: null, consent: null } as const)
      : (strongest(forMaterial, material, now) ?? unasked(possible, roles));
    const askable = possible.some(({ whose }) => roles.has(whose));
    return {
      material,
      nameZh,
      ...standing,
      answers: possible,
      mayAsk:
        found.status === 'open' &&
        askable &&
        (standing.state === 'exemptible' || standing.state === 'to-be-brought'),
    };
  });
}

type Stands = Pick<Requirement, 'state' | 'reason' | 'consent'>;

function unasked(possible: readonly Answer[], roles: ReadonlySet<string>): Stands {
  if (possible.length === 0) return { state: 'to-be-brought', reason: 'no_rule', consent: null };
  if (!possible.some(({ whose }) => roles.has(whose)))
    return { state: 'to-be-brought', reason: 'no_participant', consent: null };
  return { state: 'exemptible', reason: null, consent: null };
}

const rank: Record<RequirementState, number> = {
  answered: 3,
  granted: 2,
  waiting: 1,
  brought: 0,
  exemptible: 0,
  'to-be-brought': 0,
};

/** An answer counts more than a question under way, that more than one that failed; of equals the one asked last. */
function strongest(consents: readonly Consent[], material: string, now: Instant): Stands | null {
  let best: (Stands & { readonly asked: Instant }) | null = null;
  for (const consent of consents) {
    const stands = { ...standsBy(consent, material, now), asked: consent.request.answerBy };
    if (
      best === null ||
      rank[stands.state] > rank[best.state] ||
      (rank[stands.state] === rank[best.state] && stands.asked >= best.asked)
    )
      best = stands;
  }
  return best === null ? null : { state: best.state, reason: best.reason, consent: best.consent };
}

function standsBy(consent: Consent, material: string, now: Instant): Stands {
  const id = consent.request.consent;
  const toBring = (reason: RequirementReason): Stands => ({
    state: 'to-be-brought',
    reason,
    consent: id,
  });
  const redemption = 'redemption' in consent ? consent.redemption : null;
  switch (standingOf(consent, now)) {
    case 'waiting':
      return { state: 'waiting', reason: null, consent: id };
    case 'granted':
      return { state: 'granted', reason: null, consent: id };
    case 'refused':
      return toBring('consent_refused');
    case 'expired':
      return toBring('consent_expired');
    case 'withheld':
      return toBring('release_withheld');
    case 'withdrawn':
    case 'redeemed': {
      if (redemption === null) return toBring('consent_withdrawn');
      if (answers(redemption, material)) return { state: 'answered', reason: null, consent: id };
      const missing = redemption.missing.find((each) => each.material === material);
      return toBring(missing?.reason ?? 'holder_has_none');
    }
  }
}
