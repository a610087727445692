import type { ArgumentMetadata, PipeTransform, Type } from '@nestjs/common';
import { validate, type ValidationError, type ValidatorOptions } from 'class-validator';
import { InvalidError } from '#libs/kernel';
import { takeKnownMembers } from './known-members.js';

/**
 * The request does not have the form that the route accepts. `facts.members` names each member that
 * is wrong or missing, the rule that it breaks and what that rule allows; never its value.
 */
export class RequestInvalid extends InvalidError<'request_invalid'> {}

/**
 * Takes members by the DTO's own list, then runs the rules of those present. class-validator's
 * whitelist is not used: its cost grows with the square of unknown members, and it accepts names
 * that every object has.
 */
class StrictValidation implements PipeTransform {
  async transform(value: unknown, { metatype, type }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom' || metatype === undefined || notDtos.has(metatype)) return value;
    const dto = metatype as Type<object>;
    const { taken, wrong } = takeKnownMembers(dto, value, type);
    if (!(taken instanceof dto)) throw requestInvalid([`${type}: isObject`]);
    const broken = await validate(taken, rules);
    const members = [...broken.flatMap((error) => named(error, '')), ...wrong].slice(0, 20);
    if (members.length > 0) throw requestInvalid(members);
    return taken;
  }
}

/** What a route takes unchanged: text of a path, bytes, and bodies that no DTO describes. */
const notDtos = new Set<unknown>([String, Number, Boolean, Array, Object, Buffer]);

const rules: ValidatorOptions = {
  forbidUnknownValues: true,
  stopAtFirstError: true,
  // The value stays in here: it only tells a missing member from a wrong one.
  validationError: { target: false, value: true },
};

const requestInvalid = (members: string[]) =>
  new RequestInvalid(
    'request_invalid',
    'the request does not have the form that this route takes',
    { members },
  );

/** Refuses undeclared members, and values of another type than declared. */
export const strictValidation = (): PipeTransform => new StrictValidation();

function named(error: ValidationError, path: string): string[] {
  // A body that is no object has no member to name.
  const name = (error.property as string | undefined) ?? '';
  const at = [path, name.slice(0, 64)].filter((part) => part !== '').join('.');
  const missing = error.value === undefined && name !== '';
  const rules = Object.entries(error.constraints ?? {}).map(([rule, text]) =>
    rule === 'whitelistValidation' ? 'unknown member' : missing ? 'missing' : allowing(rule, text),
  );
  return [
    ...new Set(rules.map((rule) => (at === '' ? `body: ${rule}` : `${at}: ${rule}`))),
    ...(error.children ?? []).flatMap((child) => named(child, at)),
  ];
}

/**
 * The part of class-validator's messages that says what a rule allows. None of them quotes the
 * value.
 */
const allowed: Readonly<Record<string, RegExp>> = {
  isIn: /one of the following values: (.*)$/s,
  isEnum: /one of the following values: (.*)$/s,
  matches: / must match (.*) regular expression$/s,
  minLength: / must be (longer than or equal to .* characters)$/s,
  maxLength: / must be (shorter than or equal to .* characters)$/s,
  isLength: / must be ((?:longer|shorter) than or equal to .* characters)$/s,
  min: / must not be (less than .*)$/s,
  max: / must not be (greater than .*)$/s,
  arrayMinSize: / must contain (at least .* elements)$/s,
  isPlainText: /^(without U\+[0-9A-F]+ .*)$/s,
  arrayMaxSize: / must contain (no more than .* elements)$/s,
};

function allowing(rule: string, text: string): string {
  const what = allowed[rule]?.exec(text)?.[1];
  if (what === undefined) return rule;
  if (rule === 'isIn' || rule === 'isEnum') return `${rule}, one of: ${what}`;
  return `${rule}, ${rule === 'min' || rule === 'max' ? `not ${what}` : what}`;
}
