import type { CaseTerms } from '#libs/case';

/**
 * `material/role` for each participant of whom the case's rules take an answer to a material: both
 * spouses show a card, where the rule names both.
 */
export function answersNeeded({
  materials,
  participants,
}: Pick<CaseTerms, 'materials' | 'participants'>): readonly string[] {
  const roles = new Set(participants.map(({ role }) => role));
  return materials.flatMap(({ material, answers }) =>
    [...new Set(answers.filter(({ fields }) => fields.length > 0).map(({ whose }) => whose))]
      .filter((whose) => roles.has(whose))
      .map((whose) => answerBy(material, whose)),
  );
}

export const answerBy = (material: string, role: string): string => `${material}/${role}`;

/**
 * How many materials were exempted: all that is needed of each was released, which takes a yes, and
 * the paper was not brought after all.
 */
export function answeredCount(
  needed: readonly string[],
  given: ReadonlySet<string>,
  brought: readonly string[],
): number {
  const complete = new Map<string, boolean>();
  for (const answer of needed) {
    const material = answer.slice(0, answer.lastIndexOf('/'));
    complete.set(material, (complete.get(material) ?? true) && given.has(answer));
  }
  return [...complete].filter(([material, is]) => is && !brought.includes(material)).length;
}
