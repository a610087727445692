import { isCreditCode, isResidentId } from '#libs/kernel';
import { IdentifierInvalid } from './errors.js';
import type { Identifier } from './ports.js';
import { type IdentifierKind, identifierKinds } from './privacy.events.js';

/** Kinds whose papers carry nothing but ASCII. `999` is any other paper, whose number may hold Chinese letters (e.g. 军字第…号). */
const shapes: Readonly<Record<IdentifierKind, RegExp>> = {
  '001': /^[0-9A-Z]{18}$/,
  '111': /^\d{17}[\dX]$/,
  '411': /^[0-9A-Z]{5,20}$/,
  '412': /^[0-9A-Z]{5,20}$/,
  '413': /^[0-9A-Z]{5,20}$/,
  '414': /^[0-9A-Z]{5,20}$/,
  '511': /^[0-9A-Z()]{5,20}$/,
  '516': /^[0-9A-Z()]{5,20}$/,
  '999': /^[0-9A-Z\p{Script=Han}()/-]{1,64}$/u,
};

/**
 * A number in the one form under which it is looked up: without white space around it, in capitals. Full-width digits are refused, never
 * folded: two writings of one number must not become two subjects, nor two numbers one.
 * @throws IdentifierInvalid for an unknown kind, a shape that the kind does not have, and a wrong check of 001 (GB 32100) or 111 (GB 11643)
 */
export function normalIdentifier(kind: string, number: string): Identifier {
  if (!isKind(kind))
    throw new IdentifierInvalid('identifier_kind_unknown', 'there is no such kind of number');
  // ASCII letters only: toUpperCase would fold letters that only look alike (ſ to S) and make two numbers one.
  const normal = number.trim().replace(/[a-z]/g, (letter) => letter.toUpperCase());
  if (!shapes[kind].test(normal))
    throw new IdentifierInvalid(
      'identifier_malformed',
      'the number has not the shape of its kind',
      {
        kind,
      },
    );
  if ((kind === '111' && !isResidentId(normal)) || (kind === '001' && !isCreditCode(normal)))
    throw new IdentifierInvalid('identifier_check_failed', 'the check of the number is wrong', {
      kind,
    });
  return { kind, number: normal };
}

const isKind = (kind: string): kind is IdentifierKind =>
  (identifierKinds as readonly string[]).includes(kind);
