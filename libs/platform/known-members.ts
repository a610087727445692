import type { Type } from '@nestjs/common';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { isObject } from '#libs/kernel';

/** A member as a DTO declares it. */
interface Known {
  /**
   * The class of the object, or of each object of the list, that it holds; null where it holds
   * something else.
   */
  readonly holds: Type<object> | null;
  /** Whether what it holds comes as a list. */
  readonly isList: boolean;
  readonly maxItems: number;
  /**
   * For a text: its limit in UTF-16 units, and the rule that says so, because the rules count
   * letters in lists of them.
   */
  readonly text: { readonly rule: string; readonly maxUnits: number } | null;
  /** Whether the contract allows null, which other members do not accept as missing. */
  readonly nullable: boolean;
  readonly isNumber: boolean;
}

/** The known members of the input, and every member that is wrong before any rule runs. */
export interface TakenMembers {
  readonly taken: unknown;
  readonly wrong: readonly string[];
}

/**
 * Values in a query or a path are text; a number there has digits only, without the other forms
 * that JavaScript accepts.
 */
type From = 'body' | 'query' | 'param';

/** Limit of reported members, which also limits the work on invalid input. */
const maxTold = 20;
const maxNameLength = 64;

/**
 * Makes an instance of a DTO from parsed input, by the DTO's own list of members: undeclared
 * members never reach a rule, whatever their names and number, and a list longer than declared is
 * not examined. Costs at most one visit to each value.
 */
export function takeKnownMembers(dto: Type<object>, value: unknown, from: From): TakenMembers {
  const wrong: string[] = [];
  // An absent body misses every member, like an empty object.
  return { taken: take(dto, value === undefined ? {} : value, '', { from, wrong }), wrong };
}

interface Taking {
  readonly from: From;
  readonly wrong: string[];
}

function take(dto: Type<object>, value: unknown, path: string, taking: Taking): unknown {
  if (!isObject(value)) return value;
  const { wrong, from } = taking;
  const known = membersOf(dto);
  const made = new dto() as Record<string, unknown>;
  for (const [name, member] of Object.entries(value)) {
    if (wrong.length >= maxTold) break;
    const at = `${path}${name.slice(0, maxNameLength)}`;
    const declared = known.get(name);
    if (declared === undefined) wrong.push(`${at}: unknown member`);
    else if (member === null && !declared.nullable) wrong.push(`${at}: must not be null`);
    else if (Array.isArray(member) && member.length > declared.maxItems)
      wrong.push(`${at}: arrayMaxSize, no more than ${declared.maxItems} elements`);
    else if (declared.text !== null && isLonger(member, declared.text.maxUnits))
      wrong.push(
        `${at}: ${declared.text.rule}, shorter than or equal to ${declared.text.maxUnits} characters`,
      );
    else if (declared.holds !== null) made[name] = takeHeld(declared, member, at, taking);
    else made[name] = from !== 'body' && declared.isNumber ? numberOf(member) : member;
  }
  return made;
}

function takeHeld({ holds, isList }: Known, member: unknown, at: string, taking: Taking): unknown {
  if (holds === null) return member;
  if (!Array.isArray(member)) return take(holds, member, `${at}.`, taking);
  if (!isList) {
    taking.wrong.push(`${at}: isObject`);
    return undefined;
  }
  return member.map((each, n) => take(holds, each, `${at}.${n}.`, taking));
}

const numberOf = (text: unknown): unknown =>
  typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;

const isLonger = (value: unknown, maxUnits: number): boolean =>
  typeof value === 'string' && value.length > maxUnits;

const known = new WeakMap<object, ReadonlyMap<string, Known>>();

/** Every member of a DTO that has a rule, including those of its superclasses. */
function membersOf(dto: Type<object>): ReadonlyMap<string, Known> {
  const found = known.get(dto) ?? readMembers(dto);
  known.set(dto, found);
  return found;
}

function readMembers(dto: Type<object>): ReadonlyMap<string, Known> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false, []);
  return new Map(
    [...Map.groupBy(rules, ({ propertyName }) => propertyName)].map(([name, its]) => {
      const type: unknown = defaultMetadataStorage.findTypeMetadata(dto, name)?.typeFunction();
      const nested = its.find((rule) => rule.type === 'nestedValidation');
      const maxItems: unknown = its.find((rule) => rule.name === 'arrayMaxSize')?.constraints[0];
      return [
        name,
        {
          holds: nested === undefined ? null : (type as Type<object>),
          isList: nested?.each === true,
          text: textRule(its),
          maxItems: typeof maxItems === 'number' ? maxItems : Infinity,
          nullable: saysNullable(dto, name),
          isNumber: type === Number,
        },
      ] as const;
    }),
  );
}

function textRule(
  rules: readonly { readonly name?: string; readonly constraints?: readonly unknown[] }[],
): Known['text'] {
  for (const { name, constraints = [] } of rules) {
    const maxUnits = name === 'maxLength' ? constraints[0] : name === 'isLength' && constraints[1];
    if (name !== undefined && typeof maxUnits === 'number') return { rule: name, maxUnits };
  }
  return null;
}

/** Where Nest stores what `@ApiProperty` says of a member. */
const describedProperty = 'swagger/apiModelProperties';

function saysNullable(dto: Type<object>, name: string): boolean {
  const said: unknown = Reflect.getMetadata(describedProperty, dto.prototype as object, name);
  return isObject(said) && said['nullable'] === true;
}
