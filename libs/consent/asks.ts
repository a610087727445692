import type { CaseTerms } from '#libs/case';
import type { ClientKind } from '#libs/identity';
import { ConsentAbsent, ConsentNotUsable } from './consent.errors.js';
import type { Action, Ask } from './consent.events.js';

/**
 * What data may be used for in a case: a kiosk prints what a self-service matter is about, and
 * every other caller reads what its own matter asks for.
 * @throws ConsentNotUsable where the caller may use the case for nothing
 */
export function actionOf(
  { selfService }: Pick<CaseTerms, 'selfService'>,
  kind: ClientKind,
): Action {
  if (kind === 'kiosk' && selfService !== undefined) return selfService;
  if (kind !== 'kiosk' && selfService === undefined) return 'read';
  throw actionNotOfCase();
}

export const actionNotOfCase = () =>
  new ConsentNotUsable(
    'action_not_of_case',
    'a kiosk prints what a self-service matter is about, and a window reads what its own asks for',
    {},
    { hint: 'Ask for the action print at a kiosk, and for read at a window.' },
  );

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
