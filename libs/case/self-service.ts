import type { MatterWithRules } from '#libs/catalogue';
import type { ClientKind } from '#libs/identity';
import { CaseAbsent, CaseInvalid, CaseNotAllowed } from './case.errors.js';

/** How many materials one case of a kiosk is about at most. */
const maxMaterials = 20;

/**
 * The matter as a case of this caller is about it: a kiosk has cases of self-service matters alone,
 * of the one person who stands there, and for the materials that it names; every other caller has
 * the others.
 * @throws CaseNotAllowed, CaseInvalid, CaseAbsent
 */
export function selfServiceOf(
  found: MatterWithRules,
  asked: {
    readonly kind: ClientKind;
    readonly participants: readonly unknown[];
    readonly materials: readonly string[] | null;
  },
): MatterWithRules {
  const isSelfService = found.matter.selfService !== undefined;
  if (asked.kind !== 'kiosk') {
    if (isSelfService)
      throw new CaseNotAllowed(
        'matter_self_service',
        'the matter is one that a kiosk does',
        { matter: found.matter.code },
        { hint: 'Ask the holder to go to a kiosk.' },
      );
    if (asked.materials !== null)
      throw new CaseInvalid(
        'materials_of_matter',
        'a case at a window is about all materials of its matter',
        {},
        { hint: 'Leave out materials.' },
      );
    return found;
  }
  if (!isSelfService)
    throw new CaseNotAllowed(
      'matter_not_self_service',
      'the matter is not one that a kiosk does',
      { matter: found.matter.code },
      { hint: 'GET /v1/matters?selfService=print lists those.' },
    );
  if (asked.participants.length > 1)
    throw new CaseInvalid(
      'participants_too_many',
      'a case at a kiosk is that of the one person who stands there',
    );
  return { ...found, materials: materialsOf(found, asked.materials) };
}

function materialsOf(
  { materials }: MatterWithRules,
  named: readonly string[] | null,
): MatterWithRules['materials'] {
  if (named === null) {
    if (materials.length <= maxMaterials) return materials;
    throw new CaseInvalid(
      'materials_missing',
      'the matter has many materials, and the case is about some of them',
      { most: maxMaterials },
    );
  }
  const unknown = named.find((code) => !materials.some(({ material }) => material === code));
  if (unknown !== undefined)
    throw new CaseAbsent('material_absent', 'the matter asks for no such material');
  return materials.filter(({ material }) => named.includes(material));
}
