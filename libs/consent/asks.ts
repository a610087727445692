import type { CaseTerms } from '#libs/case';
import { ConsentAbsent, ConsentNotUsable } from './consent.errors.js';
import type { Ask } from './consent.events.js';

/**
 * What may be requested of the participant in this role, for these materials: exactly the types and
 * fields that the rules recorded in the case name for the role. An answer without fields exempts
 * nothing, and nothing here depends on who the participant is.
 * @throws ConsentAbsent where the matter asks for no such material; ConsentNotUsable where no rule
 *   answers it from this role
 */
export function asksOf(
  opened: Pick<CaseTerms, 'materials'>,
  role: string,
  materials: readonly string[],
): readonly Ask[] {
  return [...new Set(materials)].sort().map((material) => {
    const rule = opened.materials.find((each) => each.material === material);
    if (rule === undefined)
      throw new ConsentAbsent(
        'material_absent',
        'the matter of the case asks for no such material',
      );
    const answers = rule.answers
      .filter(({ whose, fields }) => whose === role && fields.length > 0)
      .map(({ type, fields }) => ({ type, fields }));
    if (answers.length === 0)
      throw new ConsentNotUsable(
        'material_not_exemptible',
        'no rule answers this material from a certificate of this participant',
        { material, role },
        { hint: 'The paper has to be brought.' },
      );
    return { material, answers };
  });
}
