import type { Answer, TypeDefinition, UnnamedRule } from './catalogue.events.js';
import type { GoodLine, RefusedLine } from './catalogue-file.js';
import type { LineRefusal } from './catalogue.errors.js';
import type { RuleLine } from './lines.js';
import type { MatterState } from './matter.decider.js';
import { canHold, isParticipantRole } from './roles.js';

/**
 * What the lines of one matter come to: the rules of whole materials, and the lines that are
 * refused.
 */
export interface RulesVerdict {
  readonly indicative: boolean;
  readonly materials: readonly UnnamedRule[];
  readonly refused: RefusedLine[];
}

/**
 * Judges the rule lines of one matter against the matter and the types that they name. A material
 * is taken whole or not at all: where one of its lines is refused its others are too, and it keeps
 * the rule that it had.
 */
export function judgeRules(
  lines: readonly GoodLine<RuleLine>[],
  matter: MatterState,
  types: ReadonlyMap<string, TypeDefinition | null>,
): RulesVerdict {
  const refused: RefusedLine[] = [];
  const refuse = ({ line, value }: GoodLine<RuleLine>, reason: LineRefusal, detail: string) => {
    refused.push({ line, code: value.matter, reason, detail });
  };
  if (matter.status === 'absent') {
    for (const line of lines) refuse(line, 'matter_unknown', line.value.matter);
    return { indicative: false, materials: [], refused };
  }

  const asked = new Set(matter.definition.materials.map(({ code }) => code));
  const byMaterial = Map.groupBy(lines, ({ value }) => value.material);
  const materials: UnnamedRule[] = [];
  let indicative = false;
  for (const [material, group] of byMaterial) {
    const faults = group.map(({ value }) =>
      asked.has(material)
        ? faultOf(value, types.get(value.type) ?? null)
        : ({ reason: 'material_unknown', detail: material } as const),
    );
    if (faults.some((fault) => fault !== null)) {
      for (const [i, line] of group.entries()) {
        const fault = faults[i] ?? null;
        if (fault === null) refuse(line, 'sibling_refused', material);
        else refuse(line, fault.reason, fault.detail);
      }
      continue;
    }
    materials.push(ruleOf(material, group));
    indicative ||= group.some(({ value }) => value.indicative);
  }
  return { indicative, materials, refused };
}

function faultOf(
  rule: RuleLine,
  type: TypeDefinition | null,
): { reason: LineRefusal; detail: string } | null {
  if (type === null) return { reason: 'type_unknown', detail: 'type' };
  const keys = new Set(type.fields.map(({ key }) => key));
  const unknown = rule.fields.find((field) => !keys.has(field));
  if (unknown !== undefined) return { reason: 'field_unknown', detail: unknown };
  if (!isParticipantRole(rule.whose) || !canHold(rule.whose, type.holder))
    return { reason: 'role_cannot_hold', detail: rule.whose };
  return null;
}

function ruleOf(material: string, lines: readonly GoodLine<RuleLine>[]): UnnamedRule {
  const answers: Answer[] = lines
    .filter(({ value }) => value.fields.length > 0)
    .map(({ value: { type, whose, fields } }) => ({ type, whose, fields }));
  const original = lines.find(({ value }) => value.original !== null)?.value.original ?? null;
  return answers.length > 0 || original === null
    ? { material, answers }
    : { material, answers, original };
}
