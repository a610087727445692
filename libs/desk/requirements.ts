import type { CaseNow } from '#libs/case';
import type { Answer } from '#libs/catalogue';
import {
  answers as isAnswered,
  type Book,
  type Consent,
  consentsIn,
  missingReasons,
  statusAtWindow,
} from '#libs/consent';
import type { Instant } from '#libs/kernel';

export const requirementStates = [
  'exemptible',
  'waiting',
  'granted',
  'answered',
  'to-be-brought',
  'brought',
] as const;
export type RequirementState = (typeof requirementStates)[number];

/**
 * Why a material has to be brought (or asked for again). Reasons that reveal something of the
 * holder follow only a grant or a refusal.
 */
export const requirementReasons = [
  'no_rule',
  'no_participant',
  'consent_refused',
  'consent_expired',
  'consent_withdrawn',
  'consent_ended',
  'release_withheld',
  ...missingReasons,
] as const;
export type RequirementReason = (typeof requirementReasons)[number];

/**
 * The state of a material for one participant: both spouses show a card, where the rule names both.
 */
export interface RequirementPart {
  readonly whose: string;
  readonly state: RequirementState;
  readonly reason: RequirementReason | null;
  /** The consent that the state follows from. */
  readonly consent: string | null;
  /** Whether this participant may be asked for it now. */
  readonly mayAsk: boolean;
}

export interface Requirement {
  readonly material: string;
  readonly nameZh: string;
  /** Absent where the catalogue had none. */
  readonly nameEn?: string;
  /** The state of the part that is furthest from an answer. */
  readonly state: RequirementState;
  readonly reason: RequirementReason | null;
  /**
   * What would answer it, by the rules recorded in the case: of each role that participates, any
   * one of its answers. Where none does, those of the roles that could.
   */
  readonly answers: readonly Answer[];
  readonly consent: string | null;
  readonly mayAsk: boolean;
  readonly parts: readonly RequirementPart[];
}

/**
 * Each material of a case, its state and the reason: from the case, and from the books of its
 * participants. Before a consent nothing here depends on who the participants are or which
 * certificates they have.
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
  const open = found.status === 'open';
  return found.opened.materials.map((rule): Requirement => {
    const { material, nameZh, nameEn } = rule;
    const named = { material, nameZh, ...(nameEn !== undefined && { nameEn }) };
    const possible = rule.answers.filter(({ fields }) => fields.length > 0);
    const whose = [...new Set(possible.map((answer) => answer.whose))].filter((role) =>
      roles.has(role),
    );
    const ofParticipants = possible.filter((answer) => roles.has(answer.whose));
    const answers = ofParticipants.length > 0 ? ofParticipants : possible;
    const parts = whose.map((role): RequirementPart => {
      const asked = consents.filter(
        ({ request }) =>
          request.role === role && request.asks.some((ask) => ask.material === material),
      );
      const stands = strongest(asked, material, now) ?? exemptible;
      return { whose: role, ...stands, mayAsk: open && mayBeAsked(stands.state) };
    });
    if (found.brought.includes(material))
      return {
        ...named,
        state: 'brought',
        reason: null,
        consent: null,
        answers,
        mayAsk: false,
        parts: parts.map((part) => ({ ...part, mayAsk: false })),
      };
    const { state, reason, consent } = furthest(parts) ?? nobodyToAsk(possible);
    const mayAsk = parts.some((part) => part.mayAsk);
    return { ...named, state, reason, consent, answers, mayAsk, parts };
  });
}

/** How many materials were exempted: a release answered them, which takes a yes. */
export const answeredIn = (requirements: readonly Requirement[]): number =>
  requirements.filter(({ state }) => state === 'answered').length;

const exemptible: Stands = { state: 'exemptible', reason: null, consent: null };
const mayBeAsked = (state: RequirementState): boolean =>
  state === 'exemptible' || state === 'to-be-brought';

/**
 * Where no participant can be asked: there is no rule, or only one for a role that is not in the
 * case.
 */
const nobodyToAsk = (possible: readonly Answer[]): Stands => ({
  state: 'to-be-brought',
  reason: possible.length === 0 ? 'no_rule' : 'no_participant',
  consent: null,
});

/** From the answer backwards: a material to be brought needs the clerk most. */
const distance: readonly RequirementState[] = [
  'to-be-brought',
  'exemptible',
  'waiting',
  'granted',
  'brought',
  'answered',
];

function furthest(parts: readonly RequirementPart[]): Stands | null {
  const sorted = parts.toSorted((a, b) => distance.indexOf(a.state) - distance.indexOf(b.state));
  return sorted[0] ?? null;
}

type Stands = Pick<Requirement, 'state' | 'reason' | 'consent'>;

const rank: Record<RequirementState, number> = {
  answered: 3,
  granted: 2,
  waiting: 1,
  brought: 0,
  exemptible: 0,
  'to-be-brought': 0,
};

/**
 * An answer ranks above a pending consent, and that above a failed one; of equals the latest
 * counts.
 */
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
  switch (statusAtWindow(consent, now)) {
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
    case 'ended':
    case 'withdrawn':
    case 'redeemed': {
      if (redemption === null) {
        const told = consent.status === 'ended' ? consent.missing : [];
        const reason = told.find((each) => each.material === material)?.reason;
        return toBring(
          reason ?? (consent.status === 'ended' ? 'consent_ended' : 'consent_withdrawn'),
        );
      }
      if (isAnswered(redemption, material)) return { state: 'answered', reason: null, consent: id };
      const missing = redemption.missing.find((each) => each.material === material);
      return toBring(missing?.reason ?? 'holder_has_none');
    }
  }
}
