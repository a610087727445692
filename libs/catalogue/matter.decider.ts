import { begunBefore, canonicalize, type Decider, Unreachable } from '#libs/kernel';
import type {
  MaterialRule,
  MatterDefinition,
  MatterEvent,
  MatterMaterial,
  UnnamedRule,
} from './catalogue.events.js';
import { RuleRefused } from './catalogue.errors.js';

/** Says what a matter is from now on. */
export interface DefineMatter {
  readonly kind: 'define-matter';
  readonly definition: MatterDefinition;
}

/**
 * Sets the rules of the named materials; those of the matter's other materials stay. Names of
 * materials are the matter's own.
 */
export interface SetRules {
  readonly kind: 'set-rules';
  readonly indicative: boolean;
  readonly materials: readonly UnnamedRule[];
}

export interface DefinedMatter {
  readonly status: 'defined';
  readonly definition: MatterDefinition;
  /** Version of the rules, 0 before the first. */
  readonly rules: number;
  readonly indicative: boolean;
  readonly materials: readonly MaterialRule[];
}

export type MatterState = { readonly status: 'absent' } | DefinedMatter;

/**
 * Stream `matter-<code>`. A matter keeps its rules when its definition changes: those of materials
 * it no longer asks for fall away at the next rules.
 */
export const matterDecider: Decider<DefineMatter | SetRules, MatterState, MatterEvent> = {
  initialState: { status: 'absent' },

  decide(command, state) {
    switch (command.kind) {
      case 'define-matter':
        return define(command.definition, state);
      case 'set-rules':
        return setRules(command, state);
      default:
        throw new Unreachable(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'MatterDefined':
        return {
          status: 'defined',
          definition: event.data,
          rules: 0,
          indicative: false,
          materials: [],
        };
      case 'MatterChanged':
        return { ...begunBefore(state, event), definition: event.data };
      case 'RulesSet':
        return { ...begunBefore(state, event), ...event.data };
      default:
        throw new Unreachable(event);
    }
  },
};

function define(definition: MatterDefinition, state: MatterState): readonly MatterEvent[] {
  if (state.status === 'absent') return [{ type: 'MatterDefined', data: definition }];
  return canonicalize(state.definition) === canonicalize(definition)
    ? []
    : [{ type: 'MatterChanged', data: definition }];
}

function setRules(command: SetRules, state: MatterState): readonly MatterEvent[] {
  if (state.status === 'absent')
    throw new RuleRefused('matter_unknown', 'rules are set for a matter that is not defined');
  const asked = new Set(state.definition.materials.map(({ code }) => code));
  const set = new Map(command.materials.map((rule) => [rule.material, rule]));
  for (const material of set.keys())
    if (!asked.has(material))
      throw new RuleRefused('material_unknown', 'the matter does not ask for this material', {
        matter: state.definition.code,
        material,
      });

  const kept = new Map(state.materials.map((rule) => [rule.material, rule]));
  const materials: MaterialRule[] = [];
  let untouched = false;
  for (const material of state.definition.materials) {
    const rule = set.get(material.code) ?? kept.get(material.code);
    if (rule === undefined) continue;
    if (!set.has(material.code)) untouched = true;
    materials.push(namedRule(rule, material));
  }
  // A law behind one material is none behind the others: what was not touched keeps the mark.
  const indicative = command.indicative || (untouched && state.indicative);
  const same =
    state.rules > 0 &&
    state.indicative === indicative &&
    canonicalize(state.materials) === canonicalize(materials);
  return same
    ? []
    : [{ type: 'RulesSet', data: { rules: state.rules + 1, indicative, materials } }];
}

/**
 * The rule of each material that the matter asks for, in its order; without answers where no rule
 * was set.
 */
export function rulesFor(
  definition: Pick<MatterDefinition, 'materials'>,
  rules: readonly MaterialRule[],
): readonly MaterialRule[] {
  const byMaterial = new Map(rules.map((rule) => [rule.material, rule]));
  return definition.materials.map((material) =>
    namedRule(byMaterial.get(material.code) ?? { material: material.code, answers: [] }, material),
  );
}

/** The rule under the names that the matter has now: one that it no longer has is not kept. */
function namedRule(
  { material, answers, original }: UnnamedRule,
  { nameZh, nameEn }: MatterMaterial,
): MaterialRule {
  return {
    material,
    nameZh,
    ...(nameEn !== undefined && { nameEn }),
    answers,
    ...(original !== undefined && { original }),
  };
}

/**
 * The matter whose rules hold where a matter at a place has none of its own: `SX0001` for
 * `SX0001.0031`.
 */
export function basicMatter(code: string): string {
  const dot = code.indexOf('.');
  return dot < 0 ? code : code.slice(0, dot);
}
